import type { SaleMessage } from '../shared/api/live.ts';
import { addByKey, plusByKey, type SumsByKey } from './sums.ts';

/** How some sales fall upon stores, products, and categories in regions. */
export interface Breakdown {
  readonly stores: SumsByKey;
  readonly products: SumsByKey;
  /** By {@link cellKey}. */
  readonly cells: SumsByKey;
}

export const EMPTY_BREAKDOWN: Breakdown = { stores: new Map(), products: new Map(), cells: new Map() };

/** Labels are printable, so the separator occurs in none. */
const SEPARATOR = '\u0000';

/** The key of a row and a column of a table. */
export function cellKey(row: string, column: string): string {
  return `${row}${SEPARATOR}${column}`;
}

/** Row and column of a key. */
export function cellOf(key: string): readonly [row: string, column: string] {
  const [row = '', column = ''] = key.split(SEPARATOR);
  return [row, column];
}

/** A breakdown with some more sales. */
export function addToBreakdown(
  { stores, products, cells }: Breakdown,
  sales: readonly SaleMessage[],
): Breakdown {
  return {
    stores: addByKey(stores, sales, ({ store_id }) => store_id),
    products: addByKey(products, sales, ({ product_id }) => product_id),
    cells: addByKey(cells, sales, ({ category, region }) => cellKey(category, region)),
  };
}

/** Both of two breakdowns. */
export function plusBreakdown(one: Breakdown, other: Breakdown): Breakdown {
  return {
    stores: plusByKey(one.stores, other.stores),
    products: plusByKey(one.products, other.products),
    cells: plusByKey(one.cells, other.cells),
  };
}
