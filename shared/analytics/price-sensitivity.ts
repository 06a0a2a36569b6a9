import { max, mean, min, sampleCorrelation } from 'simple-statistics';
import { pairwiseSum, roundDecimal, roundScaled } from '../forecast/numerics.ts';
import {
  type DemandRegression,
  demandRegression,
  EFFECTS,
  ERRORS,
  priceVerdict,
} from './demand-regression.ts';
import { type LogLogRegression, logLogRegression } from './log-log-regression.ts';
import { elasticitySteps, elasticityWarning, type PriceBucket, priceBuckets } from './price-buckets.ts';
import type { ProductSale } from './product-sale.ts';
import { type Interval, roundInterval, roundProbability } from './student-t.ts';

/** The regression as answers show it. */
interface RegressionFigures {
  readonly elasticity: number;
  readonly standard_error: number;
  readonly interval_95: Interval | null;
  readonly p_value: number | null;
  readonly r_squared: number | null;
  readonly records: number;
  readonly excluded_records: number;
  readonly intercept: number;
}

/** How a product's units depend on its price: the fields of the answer after the product and the day. */
export interface PriceSensitivity {
  readonly total_records: number;
  readonly price_range: { readonly min: number; readonly max: number; readonly mean: number };
  readonly avg_units_sold: number;
  /** Null if it has no value: a bucket sold nothing. */
  readonly elasticity: number | null;
  /** Null if price or units never vary. */
  readonly correlation: number | null;
  readonly interpretation: string;
  readonly price_brackets: { readonly price_point: number; readonly avg_units_sold: number }[];
  readonly elasticity_warning: string | null;
  readonly log_log_regression: RegressionFigures | null;
  readonly competitor_price_gap: CompetitorPriceGap | null;
  readonly price_buckets: {
    readonly price_point: number;
    readonly avg_units_sold: number;
    readonly records: number;
  }[];
  readonly regression: DemandRegressionFigures;
}

/** The demand regression as answers show it; null where the data can't tell. */
interface DemandRegressionFigures {
  readonly elasticity: number | null;
  readonly standard_error: number | null;
  readonly interval_95: Interval | null;
  readonly p_value: number | null;
  readonly records: number;
  readonly effects: readonly string[];
  readonly errors: string;
  readonly verdict: string;
}

const SHOWN_BRACKETS = 10;

/**
 * Analyses sales by price: the figures of the original system, and beside them those a statistician would rely on.
 *
 * Sums of prices are taken in numpy's order, as the original did: the last bit decides when a mean is half way
 * between two roundings.
 *
 * @param sales of one product, ascending by date and store; those without a price are ignored
 * @returns null if there is no sale with a price.
 */
export function priceSensitivity(sales: readonly ProductSale[]): PriceSensitivity | null {
  const priced = sales.filter(({ price }) => price > 0);
  if (priced.length === 0) return null;
  const prices = priced.map(({ price }) => price);
  const units = priced.map((sale) => sale.units);
  const buckets = priceBuckets(priced);
  const steps = elasticitySteps(buckets);
  const elasticity = meanElasticity(buckets, steps);
  const regression = logLogRegression(priced);
  return {
    total_records: priced.length,
    price_range: {
      min: roundDecimal(min(prices), 2),
      max: roundDecimal(max(prices), 2),
      mean: roundDecimal(pairwiseSum(prices) / prices.length, 2),
    },
    avg_units_sold: roundDecimal(mean(units), 2),
    elasticity: Number.isFinite(elasticity) ? roundDecimal(elasticity, 4) : null,
    correlation: correlation(prices, units),
    interpretation: interpretation(elasticity),
    price_brackets: buckets.slice(0, SHOWN_BRACKETS).map(bracket),
    elasticity_warning: elasticityWarning(buckets, steps, regression),
    log_log_regression: regression && regressionFigures(regression),
    competitor_price_gap: competitorPriceGap(priced),
    price_buckets: buckets.map((bucket) => ({ ...bracket(bucket), records: bucket.records })),
    regression: demandFigures(demandRegression(priced)),
  };
}

/** 0 with fewer than two buckets; not finite if a bucket sold nothing, or none of two did. */
function meanElasticity(buckets: readonly PriceBucket[], steps: readonly number[]): number {
  return buckets.length < 2 ? 0 : pairwiseSum(steps) / steps.length;
}

/** The sentences are the original's. */
function interpretation(elasticity: number): string {
  if (!Number.isFinite(elasticity)) return 'Insufficient price variation to determine elasticity.';
  if (elasticity < -1) {
    return 'Elastic — customers are price sensitive. Lowering price increases revenue.';
  }
  if (elasticity < 0) {
    return 'Inelastic — customers are not very price sensitive. Price increases have little demand impact.';
  }
  return 'Positive elasticity — higher price correlates with higher sales (possible premium/luxury effect).';
}

/** Pearson's. Rounding errors can carry it a little beyond 1, and give it a value where there is none. */
function correlation(prices: readonly number[], units: readonly number[]): number | null {
  if (isConstant(prices) || isConstant(units)) return null;
  const value = sampleCorrelation(prices, units);
  return roundDecimal(Math.max(-1, Math.min(1, value)), 4);
}

function isConstant(values: readonly number[]): boolean {
  return values.every((value) => value === values[0]);
}

function bracket({ price, averageUnits }: PriceBucket) {
  return { price_point: price, avg_units_sold: roundScaled(averageUnits, 2) };
}

function demandFigures(fit: DemandRegression): DemandRegressionFigures {
  const { elasticity } = fit;
  return {
    elasticity: elasticity && roundDecimal(elasticity.estimate, 4),
    standard_error: elasticity && roundDecimal(elasticity.standardError, 4),
    interval_95: elasticity && roundInterval(elasticity.test.interval95, 4),
    p_value: elasticity && roundProbability(elasticity.test.pValue),
    records: fit.records,
    effects: EFFECTS,
    errors: ERRORS,
    verdict: priceVerdict(fit),
  };
}

function regressionFigures(fit: LogLogRegression): RegressionFigures {
  return {
    elasticity: roundDecimal(fit.elasticity, 4),
    standard_error: roundDecimal(fit.standardError, 4),
    interval_95: fit.test && roundInterval(fit.test.interval95, 4),
    p_value: fit.test && roundProbability(fit.test.pValue),
    r_squared: fit.rSquared === null ? null : roundDecimal(fit.rSquared, 4),
    records: fit.records,
    excluded_records: fit.excluded,
    intercept: roundDecimal(fit.intercept, 4),
  };
}

/** How a product's price compares with the competitor's of the same store and date. */
interface CompetitorPriceGap {
  /** Our price minus theirs. */
  readonly mean_gap: number;
  /** Mean of the gap relative to their price, in percent. */
  readonly mean_gap_pct: number;
  /** Share of the sales, 0 to 1, at which we were cheaper. */
  readonly cheaper_share: number;
  /** Sales with a competitor's price above 0. */
  readonly records: number;
}

/**
 * Compares the product's prices with its competitor's.
 *
 * @param sales of one product; prices in money per unit
 * @returns null if no competitor's price is known
 */
export function competitorPriceGap(sales: readonly ProductSale[]): CompetitorPriceGap | null {
  let [records, cheaper, gaps, relativeGaps] = [0, 0, 0, 0];
  for (const { price, competitorPrice } of sales) {
    if (competitorPrice === null || competitorPrice <= 0) continue;
    const gap = price - competitorPrice;
    records += 1;
    cheaper += gap < 0 ? 1 : 0;
    gaps += gap;
    relativeGaps += gap / competitorPrice;
  }
  if (records === 0) return null;
  return {
    mean_gap: roundDecimal(gaps / records, 2),
    mean_gap_pct: roundDecimal((relativeGaps / records) * 100, 2),
    cheaper_share: roundDecimal(cheaper / records, 4),
    records,
  };
}
