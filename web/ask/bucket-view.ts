import type { PriceAnswer } from './answers.ts';

/** Points of the line; enough for a curve without corners. */
const POINTS = 40;

/** Demand by price as a chart shows it. */
export interface BucketView {
  readonly buckets: readonly { readonly x: number; readonly y: number; readonly records: number }[];
  /** The regression's line over the range of the prices; empty without one. */
  readonly line: readonly { readonly x: number; readonly y: number }[];
  readonly elasticity: number | null;
}

/** The line is `exp(intercept) × price ^ elasticity`, the regression carried back from logarithms. */
export function bucketView({
  price_buckets,
  price_range,
  log_log_regression: fit,
}: Pick<PriceAnswer, 'price_buckets' | 'price_range' | 'log_log_regression'>): BucketView {
  const { min, max } = price_range;
  const prices = Array.from({ length: POINTS }, (_, index) => min + ((max - min) * index) / (POINTS - 1));
  return {
    buckets: price_buckets.map(({ price_point, avg_units_sold, records }) => ({
      x: price_point,
      y: avg_units_sold,
      records,
    })),
    line: fit ? prices.map((x) => ({ x, y: Math.exp(fit.intercept) * x ** fit.elasticity })) : [],
    elasticity: fit?.elasticity ?? null,
  };
}
