import type { SaleMessage } from '../messages.ts';

/** Sums of some sales. Revenue in hundredths, so that adding up loses nothing. */
export interface Sums {
  readonly units: number;
  readonly revenueCents: number;
}

/** What one day has sold so far. */
export interface DaySummary extends Sums {
  readonly dayIndex: number;
  readonly date: string;
  /** Sales that have come, and that there are in all. */
  readonly events: number;
  readonly total: number;
  /** Sales below the list price. */
  readonly discounted: number;
  readonly isHolidayPromotion: boolean;
  readonly byStore: ReadonlyMap<string, Sums>;
  readonly byProduct: ReadonlyMap<string, Sums>;
  /** When the last sale of the day came (ms, this browser's clock); null until then. */
  readonly completeAt: number | null;
}

const NOTHING: Sums = { units: 0, revenueCents: 0 };

/** A day before its first sale. */
export function emptyDay({ day_index, date, day_total }: SaleMessage): DaySummary {
  return {
    ...NOTHING,
    dayIndex: day_index,
    date,
    events: 0,
    total: day_total,
    discounted: 0,
    isHolidayPromotion: false,
    byStore: new Map(),
    byProduct: new Map(),
    completeAt: null,
  };
}

/** The day with some more of its sales, which arrived at a time (ms). */
export function addSales(day: DaySummary, sales: readonly SaleMessage[], at: number): DaySummary {
  const events = day.events + sales.length;
  const total = sales.at(-1)?.day_total ?? day.total;
  return {
    ...sales.map(sumsOf).reduce(plus, day),
    dayIndex: day.dayIndex,
    date: day.date,
    events,
    total,
    discounted: day.discounted + sales.filter(({ discount }) => discount > 0).length,
    isHolidayPromotion: day.isHolidayPromotion || sales.some((sale) => sale.is_holiday_promo === 1),
    byStore: addBy(day.byStore, sales, ({ store_id }) => store_id),
    byProduct: addBy(day.byProduct, sales, ({ product_id }) => product_id),
    completeAt: day.completeAt ?? (events >= total ? at : null),
  };
}

/** What one sale brings: the price times the units, as everywhere in this system. */
export function sumsOf({ units_sold, price }: SaleMessage): Sums {
  return { units: units_sold, revenueCents: Math.round(price * 100) * units_sold };
}

function plus(one: Sums, other: Sums): Sums {
  return { units: one.units + other.units, revenueCents: one.revenueCents + other.revenueCents };
}

function addBy(
  sums: ReadonlyMap<string, Sums>,
  sales: readonly SaleMessage[],
  keyOf: (sale: SaleMessage) => string,
): ReadonlyMap<string, Sums> {
  const added = new Map(sums);
  for (const sale of sales) added.set(keyOf(sale), plus(added.get(keyOf(sale)) ?? NOTHING, sumsOf(sale)));
  return added;
}

/** One line of a ranking. */
export interface Ranked extends Sums {
  readonly key: string;
}

/** Sums in order of a measure, the greatest first, equal ones by key. */
export function ranked(sums: ReadonlyMap<string, Sums>, measure: keyof Sums): Ranked[] {
  return [...sums]
    .map(([key, each]) => ({ key, ...each }))
    .sort((one, other) => other[measure] - one[measure] || one.key.localeCompare(other.key));
}
