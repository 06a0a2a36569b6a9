import { mean } from 'simple-statistics';
import type { ProductSale } from '../history/product-sale.ts';

/** The sales of a product at one discount. */
export interface DiscountTier {
  /** Percent. */
  readonly discount: number;
  readonly averageUnits: number;
  readonly records: number;
}

/** Ascending by discount. */
export function discountTiers(sales: readonly ProductSale[]): DiscountTier[] {
  return [...Map.groupBy(sales, ({ discount }) => discount)]
    .map(([discount, members]) => ({
      discount,
      averageUnits: mean(members.map(({ units }) => units)),
      records: members.length,
    }))
    .sort((a, b) => a.discount - b.discount);
}

/** The tier whose discount is nearest to the asked one, the lower of two equally near; null if there is none. */
export function nearestTier(tiers: readonly DiscountTier[], discount: number): DiscountTier | null {
  const distance = (tier: DiscountTier): number => Math.abs(tier.discount - discount);
  return tiers.reduce<DiscountTier | null>(
    (nearest, tier) => (nearest && distance(nearest) <= distance(tier) ? nearest : tier),
    null,
  );
}
