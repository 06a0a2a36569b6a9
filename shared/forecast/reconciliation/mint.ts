/**
 * Forecasts of sums and of their parts, made to agree. "MinT" takes from the forecasts of all levels what each knows best: of all
 * linear combinations that agree and keep unbiased forecasts unbiased it has the least error variance. Wickramasuriya,
 * Athanasopoulos & Hyndman, "Optimal forecast reconciliation for hierarchical and grouped time series through trace
 * minimization" (JASA 114(526), 2019), in the form that moves the forecasts ŷ by their disagreement C·ŷ:
 *
 *     ỹ = ŷ − W·C'·(C·W·C')⁻¹·C·ŷ        C·y: each sum less the sum of its parts
 *
 * so that a system of one equation a sum is solved, 26 here, instead of one of 126. W is the covariance of past forecast
 * errors. There are more series than errors of each, so its correlations are shrunk towards none by as much as they are
 * uncertain: Schäfer & Strimmer, "A shrinkage approach to large-scale covariance matrix estimation" (Statistical
 * Applications in Genetics and Molecular Biology 4(1), 2005).
 */

import { choleskyFactor, solveFactored } from '../models/linear-algebra.ts';
import { type Node, sumOver } from './hierarchy.ts';

/** Makes the forecasts of one day agree: the sums' and then the pairs' in, the pairs' out, none below 0. */
export type Reconciler = (sums: Float64Array, pairs: Float64Array) => Float64Array;

/** Keeps the forecasts of the pairs; sums are the sums of them. */
export const bottomUp: Reconciler = (_, pairs) => pairs;

/**
 * The reconciler of a hierarchy with known past errors.
 *
 * @param sums the sums over pairs
 * @param errors of the sums and then of the pairs, each series with the same days
 */
export function mint(sums: readonly Node[], errors: readonly Float64Array[]): Reconciler {
  const covariance = shrunkCovariance(errors);
  const first = sums.length;
  // W·C': how each series covaries with each sum's disagreement.
  const gains = covariance.map((row) => {
    const parts = row.subarray(first);
    return Float64Array.from(sums, (sum, index) => Number(row[index]) - sumOver(sum, parts));
  });
  // C·W·C'.
  const disagreement = sums.map((sum, index) =>
    Float64Array.from(sums, (_, other) => {
      const parts = sum.pairs.reduce((total, pair) => total + Number(gains[first + pair]?.[other]), 0);
      return Number(gains[index]?.[other]) - parts;
    }),
  );
  const factor = choleskyFactor(disagreement);
  const pairGains = gains.slice(first);
  return (ofSums, ofPairs) => {
    const differences = Float64Array.from(sums, (sum, i) => Number(ofSums[i]) - sumOver(sum, ofPairs));
    const weights = solveFactored(factor, differences);
    return ofPairs.map((value, pair) => Math.max(value - dot(pairGains[pair] ?? weights, weights), 0));
  };
}

/** The covariance of errors around 0 (forecasts should have no bias), its correlations shrunk towards none. */
function shrunkCovariance(errors: readonly Float64Array[]): Float64Array[] {
  const deviations = errors.map((row) => Math.sqrt(dot(row, row) / row.length));
  const scaled = errors.map((row, i) => row.map((error) => scaledBy(error, Number(deviations[i]))));
  const correlations = errors.map(() => new Float64Array(errors.length));
  let [variance, size] = [0, 0];
  scaled.forEach((row, i) => {
    for (let j = 0; j < i; j++) {
      const { mean, varianceOfMean } = productOf(row, scaled[j] ?? row);
      (correlations[i] ?? row)[j] = mean;
      (correlations[j] ?? row)[i] = mean;
      variance += varianceOfMean;
      size += mean * mean;
    }
  });
  const kept = size > 0 ? 1 - Math.min(variance / size, 1) : 0;
  return correlations.map((row, i) =>
    row.map((correlation, j) => {
      const own = Number(deviations[i]) * Number(deviations[j]);
      return i === j ? own : kept * correlation * own;
    }),
  );
}

function scaledBy(error: number, deviation: number): number {
  return deviation > 0 ? error / deviation : 0;
}

/** Mean of the products of two rows, and the variance of that mean. */
function productOf(a: Float64Array, b: Float64Array): { mean: number; varianceOfMean: number } {
  let [sum, squares] = [0, 0];
  for (let i = 0; i < a.length; i++) {
    const product = Number(a[i]) * Number(b[i]);
    sum += product;
    squares += product * product;
  }
  const mean = sum / a.length;
  const spread = squares / a.length - mean * mean;
  return { mean, varianceOfMean: a.length > 1 ? spread / (a.length - 1) : spread };
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < a.length; i++) sum += Number(a[i]) * Number(b[i]);
  return sum;
}
