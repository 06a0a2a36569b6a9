import jStat from 'jstat';
import { roundDecimal } from '../forecast/numerics.ts';

/** A two-sided interval around an estimate. */
export interface Interval {
  readonly low: number;
  readonly high: number;
}

/** The result of a t test of an estimate against zero. */
export interface TTest {
  readonly tStatistic: number;
  readonly degreesOfFreedom: number;
  /** Two-sided. */
  readonly pValue: number;
  readonly interval95: Interval;
}

const UPPER_END_OF_95_PERCENT = 0.975;

/**
 * Tests whether an estimate differs from zero by Student's t distribution.
 *
 * The two-sided probability is I_x(ν/2, 1/2) at x = ν/(ν + t²): Abramowitz and Stegun, "Handbook of Mathematical
 * Functions", 26.7.1 with 26.5.27. jStat's figures agree with scipy's to 7 digits.
 *
 * @param estimate In any unit; tested against 0.
 * @param standardError Above 0, in the unit of the estimate.
 * @param degreesOfFreedom ν, above 0; need not be whole.
 */
export function tTest(estimate: number, standardError: number, degreesOfFreedom: number): TTest {
  const tStatistic = estimate / standardError;
  const x = degreesOfFreedom / (degreesOfFreedom + tStatistic ** 2);
  return {
    tStatistic,
    degreesOfFreedom,
    pValue: Math.min(1, jStat.ibeta(x, degreesOfFreedom / 2, 0.5)),
    interval95: interval95(estimate, standardError, degreesOfFreedom),
  };
}

/**
 * The interval that covers the true value in 95 of 100 samples if errors are normal.
 *
 * @param standardError In the unit of the estimate.
 */
export function interval95(estimate: number, standardError: number, degreesOfFreedom: number): Interval {
  const margin = jStat.studentt.inv(UPPER_END_OF_95_PERCENT, degreesOfFreedom) * standardError;
  return { low: estimate - margin, high: estimate + margin };
}

/** Whether zero lies within an interval, its ends included. */
export function containsZero({ low, high }: Interval): boolean {
  return low <= 0 && high >= 0;
}

/**
 * An interval as answers show it.
 *
 * @param decimals digits after the point
 */
export function roundInterval({ low, high }: Interval, decimals: number): Interval {
  return { low: roundDecimal(low, decimals), high: roundDecimal(high, decimals) };
}

/**
 * A probability as answers show it: 4 significant digits, because small ones differ by powers of ten.
 *
 * @param probability 0 … 1
 */
export function roundProbability(probability: number): number {
  return Number(probability.toPrecision(4));
}
