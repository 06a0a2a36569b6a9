import { mean } from 'simple-statistics';
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
  const compared = sales.filter(({ competitorPrice }) => competitorPrice > 0);
  if (compared.length === 0) return null;
  const gaps = compared.map(({ price, competitorPrice }) => price - competitorPrice);
  const relative = compared.map(({ price, competitorPrice }) => price / competitorPrice - 1);
  return {
    mean_gap: roundDecimal(mean(gaps), 2),
    mean_gap_pct: roundDecimal(mean(relative) * 100, 2),
    cheaper_share: roundDecimal(gaps.filter((gap) => gap < 0).length / gaps.length, 4),
    records: compared.length,
  };
}
