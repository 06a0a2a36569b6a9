import { mean } from 'simple-statistics';
import { roundDecimal, roundScaled } from '../forecast/numerics.ts';
import {
  demandRegression,
  type EffectFigures,
  promotionPercent,
  promotionVerdict,
} from './demand-regression.ts';
import type { ProductSale } from './product-sale.ts';
import { type PromotionEffect, promotionEffect, type UpliftTest } from './promotion-effect.ts';
import type { Interval } from './student-t.ts';

/** A product's past promotions, independent of the discount asked for. */
export interface PromotionHistory {
  readonly effect: PromotionEffect;
  readonly tiers: readonly DiscountTier[];
  /** The effect of a row's own promotion, other things equal; null if the data can't tell. */
  readonly adjusted: EffectFigures | null;
  /** What its interval says, in one sentence. */
  readonly verdict: string;
  /** Whether the data set marks promotions, and has discounts. */
  readonly knowsPromotions: boolean;
  readonly knowsDiscounts: boolean;
  /** Mean list price. */
  readonly meanPrice: number;
  /** Ascending by store id. */
  readonly stores: readonly { readonly storeId: string; readonly effect: PromotionEffect }[];
}

/** The promotion effect of one store as answers show it. */
interface StorePromotion {
  readonly store_id: string;
  readonly baseline_avg_units: number;
  readonly promo_avg_units: number;
  readonly historical_uplift_pct: number;
  readonly promo_records: number;
  readonly non_promo_records: number;
  readonly uplift_test: UpliftTest | null;
}

/** The members of the answer after the product and the day. */
export interface PromotionSimulation {
  readonly simulated_discount_pct: number;
  readonly baseline_avg_units: number;
  readonly promo_avg_units: number;
  readonly historical_uplift_pct: number;
  readonly projected_units: number;
  readonly projected_uplift_pct: number;
  readonly total_promo_days: number;
  readonly total_non_promo_days: number;
  readonly discount_effect_by_tier: {
    readonly discount_pct: number;
    readonly avg_units_sold: number;
  }[];
  readonly recommendation: string;
  readonly uplift_test: UpliftTest | null;
  readonly tier_sizes: { readonly discount_pct: number; readonly records: number }[];
  readonly per_store: StorePromotion[];
  readonly promotion_effect: { readonly uplift_pct: number; readonly interval_95: Interval } | null;
  readonly promotion_verdict: string;
  /** Mean units of the nearest discount against those without; null if either was never seen. */
  readonly uplift_vs_no_discount_pct: number | null;
  /** Projected units × mean list price × (1 − discount). */
  readonly projected_net_revenue: number;
  /** Mean units without discount × mean list price; null if there was always one. */
  readonly baseline_net_revenue: number | null;
  readonly warning: string | null;
}

/**
 * Summarises the promotions and discounts among a product's sales.
 *
 * @param sales of one product, ascending by date and store
 * @returns null without sales
 */
export function promotionHistory(sales: readonly ProductSale[]): PromotionHistory | null {
  if (sales.length === 0) return null;
  const stores = [...Map.groupBy(sales, ({ storeId }) => storeId)]
    .map(([storeId, members]) => ({ storeId, effect: promotionEffect(members) }))
    .sort((a, b) => (a.storeId < b.storeId ? -1 : 1));
  const regression = demandRegression(sales);
  return {
    effect: promotionEffect(sales),
    tiers: discountTiers(sales),
    adjusted: promotionPercent(regression),
    verdict: promotionVerdict(regression),
    knowsPromotions: sales.some(({ isPromoted }) => isPromoted !== null),
    knowsDiscounts: sales.some(({ discount }) => discount !== null),
    meanPrice: mean(sales.map(({ price }) => price)),
    stores,
  };
}

/**
 * Projects the units of a day with a discount, with the formulas and roundings of the original system, and tests beside
 * them whether the historical uplift differs from chance.
 *
 * @param discount Percent.
 */
export function simulatePromotion(past: PromotionHistory, discount: number): PromotionSimulation {
  const { effect, tiers, stores } = past;
  const projected = roundDecimal(projectedUnits(effect, tiers, discount), 2);
  const uplift = projectedUplift(projected, effect.baseline);
  return {
    simulated_discount_pct: discount,
    ...effectFigures(effect),
    projected_units: projected,
    projected_uplift_pct: uplift,
    total_promo_days: effect.promotionRecords,
    total_non_promo_days: effect.baselineRecords,
    discount_effect_by_tier: tiers.map((tier) => ({
      discount_pct: tier.discount,
      avg_units_sold: roundScaled(tier.averageUnits, 2),
    })),
    recommendation: isProjectable(past)
      ? recommendation(discount, effect.baseline, projected, uplift)
      : NOTHING_TO_PROJECT,
    uplift_test: effect.test,
    tier_sizes: tiers.map((tier) => ({ discount_pct: tier.discount, records: tier.records })),
    per_store: stores.map(({ storeId, effect: ofStore }) => storePromotion(storeId, ofStore)),
    ...comparison(past, discount, projected),
  };
}

/** The mean units at the nearest discount ever given; without any, the promotion uplift per 10 % of discount. */
function projectedUnits(effect: PromotionEffect, tiers: readonly DiscountTier[], discount: number): number {
  const everDiscounted = tiers.some((tier) => tier.discount > 0);
  const tier = everDiscounted ? nearestTier(tiers, discount) : null;
  return tier?.averageUnits ?? effect.baseline * (1 + (effect.upliftPercent / 100) * (discount / 10));
}

const NOTHING_TO_PROJECT =
  'There has been no discount and no promotion yet, so the effect of a discount can’t be projected.';

/** Without any discount or promotion the original formula projects the absence of promotions: fewer units, even below 0. */
function isProjectable({ effect, tiers }: PromotionHistory): boolean {
  return effect.promotionRecords > 0 || tiers.some(({ discount }) => discount > 0);
}

/** The discount against no discount, and what to know before trusting the figures. */
function comparison(past: PromotionHistory, discount: number, projected: number) {
  const { tiers, adjusted, verdict, meanPrice } = past;
  const full = tiers.find((tier) => tier.discount === 0);
  const nearest = nearestTier(tiers, discount);
  const known = full !== undefined && full.averageUnits > 0 && tiers.length > 1 && nearest !== null;
  return {
    promotion_effect: adjusted && { uplift_pct: adjusted.estimate, interval_95: adjusted.interval },
    promotion_verdict: verdict,
    uplift_vs_no_discount_pct: known
      ? roundDecimal(100 * (nearest.averageUnits / full.averageUnits - 1), 1)
      : null,
    projected_net_revenue: roundDecimal(projected * meanPrice * (1 - discount / 100), 2),
    baseline_net_revenue: full ? roundDecimal(full.averageUnits * meanPrice, 2) : null,
    warning: warningOf(past, discount),
  };
}

function warningOf(past: PromotionHistory, discount: number): string | null {
  const nearest = nearestTier(past.tiers, discount);
  const everDiscounted = past.tiers.some((tier) => tier.discount > 0);
  const warnings = [
    past.knowsPromotions
      ? null
      : 'The data set marks no promotions, so every day counts as a day without one.',
    past.knowsDiscounts ? null : 'The data set has no discounts.',
    isProjectable(past) ? null : NOTHING_TO_PROJECT,
    everDiscounted && nearest !== null && nearest.discount !== discount
      ? `No sale had a discount of ${discount} %: the nearest, ${nearest.discount} %, is used instead.`
      : null,
    everDiscounted
      ? 'projected_uplift_pct compares with all days without promotion, discounted ones included: prefer uplift_vs_no_discount_pct.'
      : null,
    past.effect.test
      ? `uplift_test ignores weekday, price and the row’s own promotion and treats sales as independent, so its interval is too narrow: ${past.adjusted ? 'prefer promotion_effect' : 'don’t rely on it'}.`
      : null,
  ].filter((warning) => warning !== null);
  return warnings.length > 0 ? warnings.join(' ') : null;
}

/** Per cent; the tiny addend is the original's and decides ties of rounding. */
function projectedUplift(projected: number, baseline: number): number {
  return baseline > 0 ? roundDecimal(((projected - baseline) / (baseline + 1e-9)) * 100, 1) : 0;
}

function effectFigures(effect: PromotionEffect) {
  return {
    baseline_avg_units: roundDecimal(effect.baseline, 2),
    promo_avg_units: roundDecimal(effect.promotion, 2),
    historical_uplift_pct: effect.upliftPercent,
  };
}

/** The original's sentence, for any uplift. */
function recommendation(discount: number, baseline: number, projected: number, uplift: number): string {
  const from = floatText(roundDecimal(baseline, 1));
  return (
    `A ${floatText(discount)}% discount is projected to increase daily sales ` +
    `from ${from} to ${floatText(projected)} units (${signedText(uplift)}% uplift).`
  );
}

function storePromotion(storeId: string, effect: PromotionEffect): StorePromotion {
  return {
    store_id: storeId,
    ...effectFigures(effect),
    promo_records: effect.promotionRecords,
    non_promo_records: effect.baselineRecords,
    uplift_test: effect.test,
  };
}

/** The sales of a product at one discount. */
interface DiscountTier {
  /** Percent. */
  readonly discount: number;
  readonly averageUnits: number;
  readonly records: number;
}

/** Ascending by discount; none of sales without a known one. */
function discountTiers(sales: readonly ProductSale[]): DiscountTier[] {
  return [...Map.groupBy(sales, ({ discount }) => discount)]
    .flatMap(([discount, members]) => {
      if (discount === null) return [];
      return [{ discount, averageUnits: mean(members.map(({ units }) => units)), records: members.length }];
    })
    .sort((a, b) => a.discount - b.discount);
}

/** The tier whose discount is nearest to the asked one, the lower of two equally near; null if there is none. */
function nearestTier(tiers: readonly DiscountTier[], discount: number): DiscountTier | null {
  const distance = (tier: DiscountTier): number => Math.abs(tier.discount - discount);
  return tiers.reduce<DiscountTier | null>(
    (nearest, tier) => (nearest && distance(nearest) <= distance(tier) ? nearest : tier),
    null,
  );
}

/** Python writes smaller numbers with an exponent; JavaScript does so only below a millionth. */
const SMALLEST_PLAIN = 1e-4;

/**
 * A number as Python's `str(float)` writes it: `20.0`, `7.25`, `1e-05`. Both languages choose the shortest digits that
 * read back as the same number; they differ in how they set them.
 *
 * @param value Below 1e16, where Python begins to write exponents of large numbers.
 */
export function floatText(value: number): string {
  if (Object.is(value, -0)) return '-0.0';
  if (Number.isInteger(value)) return `${value}.0`;
  if (Math.abs(value) >= SMALLEST_PLAIN) return String(value);
  return value.toExponential().replace(/-(\d)$/, '-0$1');
}

/** A number of one decimal as Python's `{:+.1f}` writes it: `+6.4`, `-20.5`, `-0.0`. */
export function signedText(value: number): string {
  const isNegative = value < 0 || Object.is(value, -0);
  return `${isNegative ? '-' : '+'}${Math.abs(value).toFixed(1)}`;
}
