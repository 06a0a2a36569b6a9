import { roundDecimal } from '../forecast/rounding.ts';
import type { ProductSale } from '../history/product-sale.ts';

/** How a product's price compares with the competitor's of the same store and date. */
export interface CompetitorPriceGap {
  /** Our price minus theirs. */
  readonly mean_gap: number;
  /** Mean of the gap relative to their price, in percent. */
  readonly mean_gap_pct: number;
  /** Share of the sales, 0 to 1, at which we were cheaper. */
  readonly cheaper_share: number;
  /** Sales with a competitor's price above 0. */
  readonly records: number;
}

/** Null if no competitor's price is known. */
export function competitorPriceGap(sales: readonly ProductSale[]): CompetitorPriceGap | null {
  let [records, cheaper, gaps, relativeGaps] = [0, 0, 0, 0];
  for (const { price, competitorPrice } of sales) {
    if (competitorPrice <= 0) continue;
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
