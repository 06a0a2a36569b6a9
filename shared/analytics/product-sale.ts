/** The sales of one product in one store on one date, as far as the analyses need them. */
export interface ProductSale {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly storeId: string;
  readonly units: number;
  /** List price, before the discount. */
  readonly price: number;
  /** Percent. */
  readonly discount: number;
  readonly competitorPrice: number;
  /** The calendar's flag of the date. */
  readonly isPromotion: boolean;
}

/**
 * Returns the sales up to and including a date; all of them without a cutoff.
 *
 * @param sales Ascending by date.
 */
export function salesUpTo(sales: readonly ProductSale[], cutoff: string | null): readonly ProductSale[] {
  if (cutoff === null) return sales;
  const count = sales.findLastIndex(({ date }) => date <= cutoff) + 1;
  return count === sales.length ? sales : sales.slice(0, count);
}
