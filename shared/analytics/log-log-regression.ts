import { linearRegression, sampleVariance } from 'simple-statistics';
import type { ProductSale } from './product-sale.ts';
import { type TTest, tTest } from './student-t.ts';

/** The constant-elasticity model fitted to a product's sales. */
export interface LogLogRegression {
  /** Percent that units change by when the price rises by one percent. */
  readonly elasticity: number;
  /** Natural logarithm of the units that the line gives at a price of 1. */
  readonly intercept: number;
  readonly standardError: number;
  /** Share of the variance of ln(units) that the price explains; null if units never vary. */
  readonly rSquared: number | null;
  /** Null if the line meets every point, which leaves no error to test against. */
  readonly test: TTest | null;
  /** Sales that the line was fitted to. */
  readonly records: number;
  /** Sales of 0 units, which have no logarithm. */
  readonly excluded: number;
}

/**
 * Fits ln(units) = a + b ln(price) by ordinary least squares; b is the price elasticity of demand.
 *
 * Standard error s / √Σ(x − x̄)² with s² = RSS / (n − 2), tested by t with n − 2 degrees of freedom: Wooldridge,
 * "Introductory Econometrics", sections 2.4 (constant elasticity), 2.5 (standard error) and 4.2 (t test). It assumes
 * independent errors of equal variance and is no causal estimate: prices were not randomised.
 *
 * @param sales Prices above 0.
 * @returns null with fewer than 3 sales above 0 units, or if their price never varies.
 */
export function logLogRegression(sales: readonly ProductSale[]): LogLogRegression | null {
  const sold = sales.filter(({ units }) => units > 0);
  const points = sold.map(({ price, units }) => [Math.log(price), Math.log(units)]);
  if (points.length < 3) return null;
  const x = points.map(([logPrice = 0]) => logPrice);
  const y = points.map(([, logUnits = 0]) => logUnits);
  const degreesOfFreedom = points.length - 2;
  const xSquares = squares(x);
  if (xSquares === 0) return null;
  const { m, b } = linearRegression(points);
  const residualSquares = squares(y.map((value, i) => value - b - m * (x[i] ?? 0)));
  const standardError = Math.sqrt(residualSquares / degreesOfFreedom / xSquares);
  const ySquares = squares(y);
  return {
    elasticity: m,
    intercept: b,
    standardError,
    rSquared: ySquares > 0 ? Math.max(0, 1 - residualSquares / ySquares) : null,
    test: standardError > 0 ? tTest(m, standardError, degreesOfFreedom) : null,
    records: points.length,
    excluded: sales.length - points.length,
  };
}

/** Sum of squared deviations from the mean. Residuals of a fitted line have mean 0. */
function squares(values: readonly number[]): number {
  return values.every((value) => value === values[0]) ? 0 : sampleVariance(values) * (values.length - 1);
}
