/** A normal distribution truncated to an integer range and rounded to it: one kernel of a Parzen estimator. */

import { roundHalfEven } from '../numerics.ts';
import { log } from './exp-log.ts';
import { logAddExp, logCdf, logMass } from './normal.ts';

/** Beyond every kernel: sigmas are at least 1/100 of the range, so no bound is 100 sigmas away. */
const BRACKET = 100;
const STEPS = 100;
/** Closer to a cell's edge than this (relative), rounding could move a quantile across it. */
const DOUBT = 1e-9;
/** Kernels kept per range, about 2 KB each; a thousand searches of 50 trials along 28 values need 900. */
const MOST_KEPT = 2_000;

export interface TruncatedNormal {
  readonly mean: number;
  readonly sigma: number;
  /** The q-quantile (0 ≤ q < 1) as an integer of the range. */
  sample(q: number): number;
  /** log P(x) of an integer x of the range. */
  logProbability(x: number): number;
}

/** The kernels of a range by mean and sigma. */
type KernelSource = (mean: number, sigma: number) => TruncatedNormal;

const sources = new WeakMap<IntegerRange, KernelSource>();

/**
 * Returns the kernels of one range. Each is created once and memoises its results, because most kernels and candidates
 * recur in the next trial. They live as long as the range object and depend on nothing else, so the next study of the
 * same range reuses them.
 */
export function truncatedNormals(range: IntegerRange): KernelSource {
  const known = sources.get(range);
  if (known !== undefined) return known;
  const source = keptKernels(range);
  sources.set(range, source);
  return source;
}

function keptKernels(range: IntegerRange): KernelSource {
  const kept = new Map<number, Map<number, TruncatedNormal>>();
  let count = 0;
  return (mean, sigma) => {
    const known = kept.get(mean)?.get(sigma);
    if (known !== undefined) return known;
    if (count++ >= MOST_KEPT) {
      kept.clear();
      count = 1;
    }
    const kernel = truncatedNormal(mean, sigma, range);
    kept.set(mean, (kept.get(mean) ?? new Map<number, TruncatedNormal>()).set(sigma, kernel));
    return kernel;
  };
}

/**
 * Creates the normal distribution that is cut off half a unit outside the range.
 *
 * @param sigma Above 0, in units of the range.
 */
export function truncatedNormal(mean: number, sigma: number, range: IntegerRange): TruncatedNormal {
  const standardised = (x: number): number => (x - mean) / sigma;
  const logPhi = memoised(logCdf);
  const a = standardised(range.low - 0.5);
  const logWithin = logMass(a, standardised(range.high + 0.5), logPhi);
  const edge = (x: number): number => logPhi(standardised(x + 0.5));
  const logProbabilities: number[] = [];
  return {
    mean,
    sigma,
    sample(q) {
      if (q === 0) return discretise(a * sigma + mean, range);
      const target = logAddExp(logPhi(a), log(q) + logWithin);
      return findCell(target, edge, range) ?? discretise(invertLogCdf(target) * sigma + mean, range);
    },
    logProbability(x) {
      const known = logProbabilities[x - range.low];
      if (known !== undefined) return known;
      const found = logMass(standardised(x - 0.5), standardised(x + 0.5), logPhi) - logWithin;
      logProbabilities[x - range.low] = found;
      return found;
    },
  };
}

function memoised(f: (x: number) => number): (x: number) => number {
  const kept = new Map<number, number>();
  return (x) => {
    const known = kept.get(x);
    if (known !== undefined) return known;
    const found = f(x);
    kept.set(x, found);
    return found;
  };
}

/** The first integer whose upper edge is beyond the target; undefined if rounding could decide. */
function findCell(
  target: number,
  edge: (x: number) => number,
  { low, high }: IntegerRange,
): number | undefined {
  let left = low;
  let right = high;
  while (left < right) {
    const middle = Math.floor((left + right) / 2);
    const distance = target - edge(middle);
    if (Math.abs(distance) < DOUBT * Math.max(1, -target)) return undefined;
    if (distance > 0) left = middle + 1;
    else right = middle;
  }
  return left;
}

/** The z where log Φ(z) = target, by 100 steps of bisection on [−100, 100]; the last midpoint. */
function invertLogCdf(target: number): number {
  let left = -BRACKET;
  let right = BRACKET;
  let middle = 0;
  for (let step = 0; step < STEPS; step++) {
    middle = (left + right) / 2;
    if (logCdf(middle) < target) left = middle;
    else right = middle;
  }
  return middle;
}

/** The integers from `low` to `high`, both included. */
export interface IntegerRange {
  readonly low: number;
  readonly high: number;
}

/** The integer of the range nearest to x; halves go to the even distance from `low`. */
export function discretise(x: number, { low, high }: IntegerRange): number {
  return Math.min(Math.max(low + roundHalfEven(x - low), low), high);
}
