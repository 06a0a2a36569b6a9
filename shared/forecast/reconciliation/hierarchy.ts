/** Pairs of store and product, and the sums of them that are forecast too: every store, every product, and everything. */

import type { ForecastLevel } from '../../api/forecast-models.ts';
import type { Offers } from '../models/forecast-model.ts';

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
