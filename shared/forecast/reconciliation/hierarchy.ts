import type { ForecastLevel } from '../../api/forecast-models.ts';
import type { Offers } from '../models/forecast-model.ts';
import { choleskyFactor, solveFactored } from '../numerics.ts';

/** Pairs of store and product, and the sums of them that are forecast too: every store, every product, and everything. */

/** Demand of one product in one store; every pair of a hierarchy has the same days. */
export interface PairSeries {
  readonly storeId: string;
  readonly productId: string;
  /** Units per day without gaps, oldest first. */
  readonly units: readonly number[];
  /** One entry per day; null if the data set has no prices. */
  readonly offers: Offers | null;
}

/** A pair, or a sum of pairs. */
export interface Node {
  readonly level: ForecastLevel;
  /** Null for sums over stores. */
  readonly storeId: string | null;
  /** Null for sums over products. */
  readonly productId: string | null;
  /** Positions of its pairs. */
  readonly pairs: readonly number[];
}

/** The sums over pairs: everything, then stores, then products, ascending by id. */
export function sumsOf(pairs: readonly Pick<PairSeries, 'storeId' | 'productId'>[]): Node[] {
  const every = pairs.map((_, pair) => pair);
  const stores = [...new Set(pairs.map(({ storeId }) => storeId))].sort();
  const products = [...new Set(pairs.map(({ productId }) => productId))].sort();
  return [
    { level: 'all', storeId: null, productId: null, pairs: every },
    ...stores.map((storeId): Node => {
      return {
        level: 'store',
        storeId,
        productId: null,
        pairs: every.filter((pair) => pairs[pair]?.storeId === storeId),
      };
    }),
    ...products.map((productId): Node => {
      return {
        level: 'product',
        storeId: null,
        productId,
        pairs: every.filter((pair) => pairs[pair]?.productId === productId),
      };
    }),
  ];
}

/** The pairs as nodes, in their order. */
export function itemsOf(pairs: readonly Pick<PairSeries, 'storeId' | 'productId'>[]): Node[] {
  return pairs.map(({ storeId, productId }, pair) => ({ level: 'item', storeId, productId, pairs: [pair] }));
}

/** Adds up the values of a node's pairs. */
export function sumOver({ pairs }: Pick<Node, 'pairs'>, values: ArrayLike<number>): number {
  let sum = 0;
  for (const pair of pairs) sum += Number(values[pair]);
  return sum;
}

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
