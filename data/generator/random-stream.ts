import { uniformFloat64 } from 'pure-rand/distribution/uniformFloat64';
import { uniformInt } from 'pure-rand/distribution/uniformInt';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';
import { skipN } from 'pure-rand/utils/skipN';

/** A reproducible sequence of random values. */
export interface RandomStream {
  /** Uniform in [low, high). */
  between(low: number, high: number): number;
  /** Uniform integer in [low, high], both included. */
  integer(low: number, high: number): number;
  /** True with the given probability. */
  chance(probability: number): boolean;
  pick<Item>(items: readonly [Item, ...Item[]]): Item;
  /** Normally distributed with mean 0. */
  normal(deviation: number): number;
}

/** xoroshiro's first outputs still show a seed of few bits. */
const WARM_UP = 32;

/**
 * The stream of a seed and a purpose. Each purpose (`calendar`, `store 3`, …) has its own, so that drawing more for
 * one doesn't affect another.
 */
export function randomStream(seed: number, purpose: string): RandomStream {
  const generator = xoroshiro128plus(hash32(`${seed}/${purpose}`));
  skipN(generator, WARM_UP);
  const uniform = () => uniformFloat64(generator);
  return {
    between: (low, high) => low + (high - low) * uniform(),
    integer: (low, high) => uniformInt(generator, low, high),
    chance: (probability) => uniform() < probability,
    pick: (items) => items[uniformInt(generator, 0, items.length - 1)] ?? items[0],
    normal: (deviation) => deviation * standardNormal(uniform(), uniform()),
  };
}

/** Box and Muller, "A Note on the Generation of Random Normal Deviates" (1958): two uniforms to one normal. */
function standardNormal(first: number, second: number): number {
  return Math.sqrt(-2 * Math.log(1 - first)) * Math.cos(2 * Math.PI * second);
}

/** FNV-1a, 32 bits. */
function hash32(text: string): number {
  let hash = 0x811c9dc5;
  for (let index = 0; index < text.length; index++) {
    hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  }
  return hash | 0;
}
