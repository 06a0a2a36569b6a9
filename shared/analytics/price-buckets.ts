import { mean, sampleStandardDeviation } from 'simple-statistics';
import { roundDecimal, roundScaled } from '../forecast/numerics.ts';
import type { LogLogRegression } from './log-log-regression.ts';
import type { ProductSale } from './product-sale.ts';
import { containsZero, type Interval, interval95 } from './student-t.ts';

/** The sales of a product at prices that round to the same whole number. */
export interface PriceBucket {
  readonly price: number;
  readonly averageUnits: number;
  /** Sales at such a price. */
  readonly records: number;
}

/**
 * Average units per bucket of prices.
 *
 * @param sales with prices above 0, in money per unit
 * @returns ascending by price, without empty buckets
 */
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
 * anything there is no relative change and the step is skipped; a step from nothing to something is infinite.
 *
 * @param buckets ascending by price
 * @returns elasticities, without a unit: −2 is two per cent fewer units for each per cent of price; at most one a step
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

/**
 * Explains why the mean of bucket-to-bucket elasticities is unreliable; null if it is not.
 *
 * Neighbouring buckets differ little in price, so dividing by the difference inflates noise in their units; and because
 * a ratio of noisy values is biased upwards (Jensen's inequality), averaging many doesn't help. The steps are treated as
 * a sample: if the t interval of their mean contains 0, or their mean is outside the regression's interval, the mean is
 * dominated by noise.
 */
export function elasticityWarning(
  buckets: readonly PriceBucket[],
  steps: readonly number[],
  regression: LogLogRegression | null,
): string | null {
  if (steps.length === 0 && buckets.length > 1) return 'Nothing was sold at any price.';
  if (steps.length === 0) return 'Prices vary too little for an elasticity.';
  if (!steps.every(Number.isFinite)) {
    return 'A price bucket sold nothing, so the change from it to the next has no relative size.';
  }
  if (steps.length === 1) return 'The elasticity rests on only two price buckets.';
  const [average, spread] = [mean(steps), sampleStandardDeviation(steps)];
  const interval = interval95(average, spread / Math.sqrt(steps.length), steps.length - 1);
  const basis = `The elasticity averages ${steps.length} changes between neighbouring price buckets that scatter by ${shown(spread)}`;
  if (containsZero(interval)) {
    return `${basis}; its 95 % interval, ${range(interval)}, contains 0. Prefer regression.`;
  }
  const fitted = regression?.test?.interval95;
  if (fitted && (average < fitted.low || average > fitted.high)) {
    return `${basis}; it lies outside the regression's 95 % interval, ${range(fitted)}. Prefer regression.`;
  }
  return null;
}

function range({ low, high }: Interval): string {
  return `${shown(low)} to ${shown(high)}`;
}

function shown(value: number): string {
  return String(roundDecimal(value, 2));
}
