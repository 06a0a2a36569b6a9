import type { SaleMessage } from '../../shared/api/live.ts';

/** Sums of sales. Amounts in hundredths, so that adding up is exact. */
export interface Sums {
  readonly units: number;
  /** At list price, before discounts. */
  readonly listCents: number;
  /** What customers paid. */
  readonly netCents: number;
}

export const NOTHING: Sums = { units: 0, listCents: 0, netCents: 0 };

/** What one sale adds. Without a known discount, what was paid is the price. The amount paid is rounded to hundredths for each sale, as the API does. */
export function sumsOfSale({
  units_sold,
  price,
  discount,
}: Pick<SaleMessage, 'units_sold' | 'price' | 'discount'>): Sums {
  const listCents = Math.round(price * 100) * units_sold;
  return {
    units: units_sold,
    listCents,
    netCents: Math.round((listCents * (10_000 - Math.round((discount ?? 0) * 100))) / 10_000),
  };
}

/** Adds two sums. */
export function plus(one: Sums, other: Sums): Sums {
  return {
    units: one.units + other.units,
    listCents: one.listCents + other.listCents,
    netCents: one.netCents + other.netCents,
  };
}

/** Share of the list price that was given as a discount, 0-1; 0 if nothing was sold. */
export function discountShare({ listCents, netCents }: Sums): number {
  return listCents > 0 ? 1 - netCents / listCents : 0;
}

/** Sums by what sales have in common: a store's id, a product's. */
export type SumsByKey = ReadonlyMap<string, Sums>;

/** The sums of two groups of sales together. */
function plusByKey(one: SumsByKey, other: SumsByKey): SumsByKey {
  const sum = new Map(one);
  for (const [key, sums] of other) sum.set(key, plus(sum.get(key) ?? NOTHING, sums));
  return sum;
}

/** Adds sales to sums; one without a key belongs to none. */
function addByKey(
  sums: SumsByKey,
  sales: readonly BreakdownSale[],
  keyOf: (sale: BreakdownSale) => string | null,
): SumsByKey {
  const added = new Map(sums);
  for (const sale of sales) {
    const key = keyOf(sale);
    if (key !== null) added.set(key, plus(added.get(key) ?? NOTHING, sumsOfSale(sale)));
  }
  return added;
}

/** One line of a ranking. */
export interface RankedSums extends Sums {
  readonly key: string;
}

/** Sums in descending order of a measure, ties by key. */
export function ranked(sums: SumsByKey, measure: keyof Sums): RankedSums[] {
  return [...sums]
    .map(([key, each]) => ({ key, ...each }))
    .sort((one, other) => other[measure] - one[measure] || one.key.localeCompare(other.key));
}

/** What one day has sold so far. */
export interface DaySummary extends Sums {
  readonly dayIndex: number;
  readonly date: string;
  /** Sales that have arrived, and their total number. */
  readonly events: number;
  readonly total: number;
  /** Sales under a promotion. */
  readonly promoted: number;
  /** When the last sale of the day arrived (ms, this browser's clock); null until then, and for days before this page was opened. */
  readonly completeAt: number | null;
}

/** A day before its first sale. */
export function emptyDay({ day_index, date, day_total }: SaleMessage): DaySummary {
  return {
    ...NOTHING,
    dayIndex: day_index,
    date,
    events: 0,
    total: day_total,
    promoted: 0,
    completeAt: null,
  };
}

/** Adds sales of the day that arrived at a time (ms). */
export function addSales(day: DaySummary, sales: readonly SaleMessage[], at: number): DaySummary {
  const events = day.events + sales.length;
  const total = sales.at(-1)?.day_total ?? day.total;
  return {
    ...day,
    ...sales.map(sumsOfSale).reduce<Sums>(plus, day),
    events,
    total,
    promoted: day.promoted + sales.filter(({ is_holiday_promo }) => is_holiday_promo === 1).length,
    completeAt: day.completeAt ?? (events >= total ? at : null),
  };
}

/** Whether all sales of a day have arrived: only then can it be compared with another. */
export function isComplete({ events, total }: DaySummary): boolean {
  return events >= total;
}

/** Joins the parts of a day from before this page was opened and since. */
export function plusDay(before: DaySummary, since: DaySummary | undefined): DaySummary {
  if (!since) return before;
  return {
    ...since,
    ...plus(before, since),
    events: before.events + since.events,
    promoted: before.promoted + since.promoted,
  };
}

/** Sums of sales by store, by product, and by category and region. */
export interface Breakdown {
  readonly stores: SumsByKey;
  readonly products: SumsByKey;
  /** By {@link cellKey}. */
  readonly cells: SumsByKey;
}

export const EMPTY_BREAKDOWN: Breakdown = { stores: new Map(), products: new Map(), cells: new Map() };

/** Labels are printable, so none contains the separator. */
const SEPARATOR = '\u0000';

/** The key of a row and a column of a table; an empty text stands for an unknown one. */
export function cellKey(row: string, column: string): string {
  return `${row}${SEPARATOR}${column}`;
}

/** Row and column of a key. */
export function cellOf(key: string): readonly [row: string, column: string] {
  const [row = '', column = ''] = key.split(SEPARATOR);
  return [row, column];
}

/** The part of a sale that a breakdown needs. */
type BreakdownSale = Pick<
  SaleMessage,
  'store_id' | 'product_id' | 'category' | 'region' | 'units_sold' | 'price' | 'discount'
>;

/** Adds sales to a breakdown. */
export function addToBreakdown(
  { stores, products, cells }: Breakdown,
  sales: readonly BreakdownSale[],
): Breakdown {
  return {
    stores: addByKey(stores, sales, ({ store_id }) => store_id),
    products: addByKey(products, sales, ({ product_id }) => product_id),
    cells: addByKey(cells, sales, ({ category, region }) => {
      return category === null && region === null ? null : cellKey(category ?? '', region ?? '');
    }),
  };
}

/** Two breakdowns together. */
export function plusBreakdown(one: Breakdown, other: Breakdown): Breakdown {
  return {
    stores: plusByKey(one.stores, other.stores),
    products: plusByKey(one.products, other.products),
    cells: plusByKey(one.cells, other.cells),
  };
}
