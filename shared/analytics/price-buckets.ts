import { mean } from 'simple-statistics';
import { roundScaled } from '../forecast/rounding.ts';
import type { ProductSale } from '../history/product-sale.ts';

/** The sales of a product at prices that round to the same whole number. */
export interface PriceBucket {
  readonly price: number;
  readonly averageUnits: number;
  /** Sales at such a price. */
  readonly records: number;
}

/** Average units per bucket, ascending by price. */
export function priceBuckets(sales: readonly ProductSale[]): PriceBucket[] {
  const buckets = Map.groupBy(sales, ({ price }) => roundScaled(price, 0));
  return [...buckets]
    .map(([price, members]) => ({
      price,
      averageUnits: mean(members.map(({ units }) => units)),
      records: members.length,
    }))
    .sort((a, b) => a.price - b.price);
}

/**
 * From each bucket to the next: relative change of units divided by relative change of price. Where neither bucket sold
 * anything there is no relative change and the step is left out; a step from nothing to something is infinite.
 */
export function elasticitySteps(buckets: readonly PriceBucket[]): number[] {
  return buckets
    .slice(1)
    .map((bucket, i) => stepElasticity(buckets[i] ?? bucket, bucket))
    .filter((step) => !Number.isNaN(step));
}

function stepElasticity(from: PriceBucket, to: PriceBucket): number {
  return (to.averageUnits / from.averageUnits - 1) / (to.price / from.price - 1);
}
