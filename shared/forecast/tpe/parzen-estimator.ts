/**
 * The Parzen estimator of one integer parameter: a mixture of truncated discrete normals, one kernel at each
 * observed value and a wide one, the prior, at the middle of the range.
 *
 * Bergstra, Bardenet, Bengio, Kégl, "Algorithms for Hyper-Parameter Optimization" (NIPS 2011), section 4, with the
 * bandwidths and weights of Optuna 3.6.1.
 */

import { pairwiseSum } from '../numerics.ts';
import { exp, log } from './exp-log.ts';
import { argsort } from './introsort.ts';
import type { UniformSource } from './mt19937.ts';
import { type IntegerRange, type TruncatedNormal, truncatedNormals } from './truncated-normal.ts';

/** How many of the latest observations keep their full weight; older ones count less. */
const UNFADED = 25;

/** One kernel per observation in the order of the trials, the prior last. */
interface ParzenEstimator {
  readonly kernels: readonly TruncatedNormal[];
  /** One per kernel; they sum to 1. */
  readonly weights: readonly number[];
}

/** Returns the function that makes the estimator of a range from observed values, oldest first. */
export function parzenEstimators(range: IntegerRange): (observations: readonly number[]) => ParzenEstimator {
  const kernelAt = truncatedNormals(range);
  return (observations) => {
    const means = [...observations, 0.5 * (range.low + range.high)];
    const sigmas = bandwidths(means, range);
    return {
      kernels: means.map((mean, k) => kernelAt(mean, Number(sigmas[k]))),
      weights: normalised([...observationWeights(observations.length), 1]),
    };
  };
}

function normalised(weights: readonly number[]): number[] {
  const total = pairwiseSum(weights);
  return weights.map((weight) => weight / total);
}

/**
 * Weights of observations before normalisation: the latest 25 weigh 1; older ones rise linearly from 1/count.
 *
 * @param count Number of observations.
 */
export function observationWeights(count: number): number[] {
  const ramp = Math.max(count - UNFADED, 0);
  const lowest = 1 / count;
  const step = (1 - lowest) / (ramp - 1);
  return Array.from({ length: count }, (_, i) => {
    if (i === 0 && ramp > 0) return lowest;
    return i < ramp - 1 ? i * step + lowest : 1;
  });
}

/**
 * The sigma of each kernel: the larger gap to its neighbours, clipped for observations. The prior's is the width of the range.
 *
 * @param means Of all kernels, the prior last.
 */
export function bandwidths(means: readonly number[], range: IntegerRange): number[] {
  const width = range.high - range.low + 1;
  const narrowest = width / Math.min(100, 1 + means.length);
  const sigmas = neighbourGaps(means, range).map((gap) => Math.min(Math.max(gap, narrowest), width));
  sigmas[means.length - 1] = width;
  return sigmas;
}

/** The larger gap to the two neighbours; the outermost kernels have only an inner one, unless there is just one kernel. */
function neighbourGaps(means: readonly number[], range: IntegerRange): number[] {
  const order = argsort(means);
  const last = order.length - 1;
  const at = (i: number): number => {
    if (i < 0) return range.low - 0.5;
    return i > last ? range.high + 0.5 : Number(means[Number(order[i])]);
  };
  const gaps = new Array<number>(means.length).fill(0);
  order.forEach((kernel, i) => {
    const before = at(i) - at(i - 1);
    const after = at(i + 1) - at(i);
    gaps[kernel] = Math.max(i === 0 && last > 0 ? after : before, i === last && last > 0 ? before : after);
  });
  return gaps;
}

/**
 * Draws values from the mixture. All kernels are chosen before any quantile is drawn.
 *
 * @param count Values to draw; each uses two numbers of `uniform`.
 */
export function sampleCandidates(
  { kernels, weights }: ParzenEstimator,
  count: number,
  uniform: UniformSource,
): number[] {
  const cumulative = cumulate(weights);
  const choices = Array.from({ length: count }, () => kernels[firstAbove(cumulative, uniform())]);
  return choices.flatMap((kernel) => kernel?.sample(uniform()) ?? []);
}

function cumulate(weights: readonly number[]): number[] {
  const sums: number[] = [];
  let sum = 0;
  for (const weight of weights) {
    sum += weight;
    sums.push(sum);
  }
  return sums.map((partial) => partial / sum);
}

function firstAbove(cumulative: readonly number[], u: number): number {
  return cumulative.findIndex((partial) => partial > u);
}

/** Returns the function that computes log P(x) of an integer of the range under the mixture. */
export function logProbability({ kernels, weights }: ParzenEstimator): (x: number) => number {
  const logWeights = weights.map(log);
  const terms = new Float64Array(kernels.length);
  return (x) => {
    let k = 0;
    for (const kernel of kernels) {
      terms[k] = kernel.logProbability(x) + Number(logWeights[k]);
      k++;
    }
    return logSumExp(terms);
  };
}

/** log Σ exp(term), overwriting the terms. */
function logSumExp(terms: Float64Array): number {
  let largest = Number.NEGATIVE_INFINITY;
  for (const term of terms) largest = Math.max(largest, term);
  for (let k = 0; k < terms.length; k++) terms[k] = exp(Number(terms[k]) - largest);
  return log(pairwiseSum(terms)) + largest;
}
