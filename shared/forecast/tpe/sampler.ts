/**
 * The tree-structured Parzen estimator for independent integer parameters: `TPESampler(seed)` of Optuna 3.6.1, draw
 * for draw. The first ten trials are random. After that, each parameter draws 24 candidates from a model of the best
 * tenth of the trials and takes the one whose likelihood, relative to a model of all other trials, is greatest.
 */

import { mersenneTwister, type UniformSource } from './mt19937.ts';
import { logProbability, parzenEstimators, sampleCandidates } from './parzen-estimator.ts';
import { discretise, type IntegerRange } from './truncated-normal.ts';

const STARTUP_TRIALS = 10;
const CANDIDATES = 24;
const MOST_BELOW = 25;

export type Direction = 'minimize' | 'maximize';

/** A finished trial: the value of each parameter in the order of the ranges, and the objective's value. */
export interface Observation {
  readonly values: readonly number[];
  readonly objective: number;
}

/** Suggests the next values, one per range, from all finished trials in their order. */
type Suggest = (observations: readonly Observation[]) => number[];

/**
 * Opens a sampler.
 *
 * @param seed 0 … 2³² − 1; seeds both generators, the startup's and the search's
 */
export function tpeSampler(ranges: readonly IntegerRange[], direction: Direction, seed: number): Suggest {
  const startup = mersenneTwister(seed);
  const uniform = mersenneTwister(seed);
  const parameters = ranges.map((range) => parameterSearch(range, uniform));
  return (observations) => {
    if (observations.length < STARTUP_TRIALS) return ranges.map((range) => drawUniform(range, startup));
    const { below, above } = splitTrials(observations, direction);
    return parameters.map((suggest, index) => {
      const column = (trials: readonly Observation[]) => trials.map((trial) => Number(trial.values[index]));
      return suggest(column(below), column(above));
    });
  };
}

function drawUniform(range: IntegerRange, uniform: UniformSource): number {
  if (isSingle(range)) return range.low;
  return discretise(range.low - 0.5 + (range.high - range.low + 1) * uniform(), range);
}

/** A range of one value draws nothing from the generators. */
function isSingle(range: IntegerRange): boolean {
  return range.low === range.high;
}

/** The search for one parameter: its next value from those of the best trials and of the others. */
function parameterSearch(
  range: IntegerRange,
  uniform: UniformSource,
): (below: readonly number[], above: readonly number[]) => number {
  if (isSingle(range)) return () => range.low;
  const estimate = parzenEstimators(range);
  return (below, above) => {
    const promising = estimate(below);
    const logLikely = logProbability(promising);
    const logOther = logProbability(estimate(above));
    const candidates = new Set(sampleCandidates(promising, CANDIDATES, uniform));
    return firstBest(candidates, (x) => logLikely(x) - logOther(x));
  };
}

/** The best tenth (at most 25) and the rest, each in the order of the trials; of equal trials the older is better. */
export function splitTrials<T extends { readonly objective: number }>(
  trials: readonly T[],
  direction: Direction,
): { below: T[]; above: T[] } {
  const sign = direction === 'minimize' ? 1 : -1;
  const ranked = trials
    .map((trial, index) => ({ index, objective: trial.objective }))
    .sort((a, b) => sign * (Number(a.objective > b.objective) - Number(a.objective < b.objective)));
  const belowCount = Math.min(Math.ceil(0.1 * trials.length), MOST_BELOW);
  const best = new Set(ranked.slice(0, belowCount).map(({ index }) => index));
  return {
    below: trials.filter((_, index) => best.has(index)),
    above: trials.filter((_, index) => !best.has(index)),
  };
}

function firstBest(candidates: Iterable<number>, score: (x: number) => number): number {
  let best = Number.NaN;
  let bestScore = Number.NEGATIVE_INFINITY;
  for (const candidate of candidates) {
    const candidateScore = score(candidate);
    if (candidateScore > bestScore) {
      best = candidate;
      bestScore = candidateScore;
    }
  }
  return best;
}
