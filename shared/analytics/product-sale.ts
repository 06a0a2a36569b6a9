/** The sales of one product in one store on one date, as far as the analyses need them. */
export interface ProductSale {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly storeId: string;
  readonly units: number;
  /** List price, before the discount. */
  readonly price: number;
  /** Percent; null, as all that follows, where the data set has no such column. */
  readonly discount: number | null;
  readonly competitorPrice: number | null;
  /** The calendar's flag of the date; false if it is unknown. */
  readonly isPromotion: boolean;
  /** The row's own flag: a product can sit out a promotion, or be promoted alone. */
  readonly isPromoted: boolean | null;
  /** The row's own weather. */
  readonly weather: string | null;
  /** Stock at the start of the day; units equal to it may have been limited by it. */
  readonly inventory: number | null;
  /** Units ordered on the day, delivered later. */
  readonly ordered: number | null;
}

/** Whether all of the stock was sold, so that demand may have been higher. Nothing sold from an empty shelf counts too. */
export function isSoldOut({ units, inventory }: Pick<ProductSale, 'units' | 'inventory'>): boolean {
  return inventory !== null && units >= inventory;
}

/**
 * Returns the sales up to and including a date; all of them without a cutoff.
 *
 * @param sales Ascending by date.
 */
export function salesUpTo(sales: readonly ProductSale[], cutoff: string | null): readonly ProductSale[] {
  if (cutoff === null) return sales;
  let [count, beyond] = [0, sales.length];
  while (count < beyond) {
    const middle = Math.floor((count + beyond) / 2);
    if (String(sales[middle]?.date) <= cutoff) count = middle + 1;
    else beyond = middle;
  }
  return count === sales.length ? sales : sales.slice(0, count);
}
