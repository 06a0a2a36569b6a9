import { mean, sampleVariance } from 'simple-statistics';
import { roundDecimal } from '../forecast/numerics.ts';
import type { ProductSale } from './product-sale.ts';
import { containsZero, type Interval, roundInterval, roundProbability, tTest } from './student-t.ts';

/** How sales on promotion dates compare with the others. */
export interface PromotionEffect {
  /** Mean units without promotion, not rounded; 0 if there were no such dates. */
  readonly baseline: number;
  /** Mean units with promotion, not rounded; 0 if there were no such dates. */
  readonly promotion: number;
  readonly baselineRecords: number;
  readonly promotionRecords: number;
  /** Percent, 1 decimal; 0 where there is no baseline to compare with. */
  readonly upliftPercent: number;
  readonly test: UpliftTest | null;
}

/**
 * Compares the sales of promotion dates with the others.
 *
 * @param sales of one product, one row per store and date
 */
export function promotionEffect(sales: readonly ProductSale[]): PromotionEffect {
  const withPromotion = sales.filter((sale) => sale.isPromotion).map(({ units }) => units);
  const without = sales.filter((sale) => !sale.isPromotion).map(({ units }) => units);
  const promotion = withPromotion.length > 0 ? mean(withPromotion) : 0;
  const baseline = without.length > 0 ? mean(without) : 0;
  return {
    baseline,
    promotion,
    baselineRecords: without.length,
    promotionRecords: withPromotion.length,
    upliftPercent: baseline > 0 ? roundDecimal(((promotion - baseline) / baseline) * 100, 1) : 0,
    test: upliftTest(withPromotion, without),
  };
}

/** Whether days with promotion sell more than days without, beyond what chance explains. */
export interface UpliftTest {
  /** Mean units with promotion minus mean units without. */
  readonly difference_units: number;
  readonly difference_interval_95: Interval;
  /** The same relative to the mean without promotion, in percent; null if that is 0. */
  readonly uplift_pct_interval_95: Interval | null;
  readonly t_statistic: number;
  readonly degrees_of_freedom: number;
  readonly p_value: number;
  readonly differs_from_zero: boolean;
}

/**
 * Welch's t test of two samples with unequal variances: B. L. Welch, "The generalization of 'Student's' problem when
 * several different population variances are involved", Biometrika 34 (1947); degrees of freedom by F. E. Satterthwaite,
 * "An approximate distribution of estimates of variance components", Biometrics 2 (1946).
 *
 * It treats sales as independent; stores that share a date's weather make the interval too narrow rather than too wide. The
 * interval in percent treats the mean without promotion as exact.
 *
 * @param withPromotion Units per sale on promotion dates.
 * @param without Units per sale on other dates.
 * @returns null if a sample has fewer than 2 sales or neither varies.
 */
export function upliftTest(withPromotion: readonly number[], without: readonly number[]): UpliftTest | null {
  if (withPromotion.length < 2 || without.length < 2) return null;
  const [a, b] = [squaredErrorOfMean(withPromotion), squaredErrorOfMean(without)];
  if (a + b === 0) return null;
  const baseline = mean(without);
  const difference = mean(withPromotion) - baseline;
  const degreesOfFreedom =
    (a + b) ** 2 / (a ** 2 / (withPromotion.length - 1) + b ** 2 / (without.length - 1));
  const test = tTest(difference, Math.sqrt(a + b), degreesOfFreedom);
  return {
    difference_units: roundDecimal(difference, 2),
    difference_interval_95: roundInterval(test.interval95, 2),
    uplift_pct_interval_95: baseline > 0 ? percentOf(baseline, test.interval95) : null,
    t_statistic: roundDecimal(test.tStatistic, 4),
    degrees_of_freedom: roundDecimal(degreesOfFreedom, 2),
    p_value: roundProbability(test.pValue),
    differs_from_zero: !containsZero(test.interval95),
  };
}

function squaredErrorOfMean(sample: readonly number[]): number {
  return sampleVariance(sample) / sample.length;
}

function percentOf(baseline: number, { low, high }: Interval): Interval {
  return roundInterval({ low: (low / baseline) * 100, high: (high / baseline) * 100 }, 1);
}
