import { mean } from 'simple-statistics';
import { roundDecimal } from '../forecast/rounding.ts';
import type { ProductSale } from '../history/product-sale.ts';
import { type UpliftTest, upliftTest } from './uplift-test.ts';

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

/** Compares the sales of promotion dates with the others. */
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
