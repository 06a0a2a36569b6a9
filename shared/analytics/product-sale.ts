/** What one store sold of one product on one date, as far as the analyses look at it. */
export interface ProductSale {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly storeId: string;
  readonly units: number;
  /** As asked, before the discount. */
  readonly price: number;
  /** Percent. */
  readonly discount: number;
  readonly competitorPrice: number;
  /** The calendar's flag of the date. */
  readonly isPromotion: boolean;
}

/**
 * The sales up to a date, the date included; all of them without one.
 *
 * @param sales Ascending by date.
 */
export function salesUpTo(sales: readonly ProductSale[], cutoff: string | null): readonly ProductSale[] {
  if (cutoff === null) return sales;
  const count = sales.findLastIndex(({ date }) => date <= cutoff) + 1;
  return count === sales.length ? sales : sales.slice(0, count);
}
