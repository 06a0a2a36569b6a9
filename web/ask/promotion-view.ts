import type { PromotionAnswer } from './answers.ts';

/** Units by discount as a chart shows them. */
export interface PromotionView {
  readonly tiers: readonly { readonly discount: number; readonly units: number; readonly records: number }[];
  /** Index of the tier that the projection is taken from; -1 if it is from none. */
  readonly nearest: number;
}

type Told = Pick<PromotionAnswer, 'discount_effect_by_tier' | 'tier_sizes' | 'simulated_discount_pct'>;

export function promotionView(answer: Told): PromotionView {
  const { discount_effect_by_tier, tier_sizes, simulated_discount_pct: asked } = answer;
  const records = new Map(tier_sizes.map((tier) => [tier.discount_pct, tier.records]));
  const tiers = discount_effect_by_tier.map(({ discount_pct, avg_units_sold }) => ({
    discount: discount_pct,
    units: avg_units_sold,
    records: records.get(discount_pct) ?? 0,
  }));
  return { tiers, nearest: nearestTier(tiers, asked) };
}

/** As the API takes it: the first of two that are equally near, and none if no discount was ever given. */
function nearestTier(tiers: PromotionView['tiers'], asked: number): number {
  if (!tiers.some(({ discount }) => discount > 0)) return -1;
  const distances = tiers.map(({ discount }) => Math.abs(discount - asked));
  return distances.indexOf(Math.min(...distances));
}
