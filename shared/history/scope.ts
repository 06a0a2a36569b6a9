import { isSoldOut, type ProductSale, salesUpTo } from '../analytics/product-sale.ts';
import { HttpProblem } from '../api/errors.ts';
import { type DemandDay, dateAfter, daysBetween } from '../forecast/demand-day.ts';
import type { OfferDay } from '../forecast/offers.ts';
import { VersionedAnswer } from '../http/responses.ts';
import type { Calendar, SimulationState } from '../simulation/state.ts';
import type { DataSet, HistoryReader } from './product-history.ts';

/** The part of a product's history that a request covers. */
export interface SalesScope {
  readonly sales: readonly ProductSale[];
  /** Date of the cutoff, or `all`. */
  readonly upTo: string;
  /** Identifies the sales: equal if and only if they are. */
  readonly key: string;
  /** The data set's hash if only another data set can change the scope, because a day was given; else null. */
  readonly version: string | null;
}

export type ScopeReader = (productId: string, day: number | undefined) => Promise<SalesScope>;

/**
 * Reads several products, in all stores or in one, up to the same day: the simulation's current day is read once, even if it advances
 * meanwhile.
 */
export type ScopesReader = (
  day: number | undefined,
) => (productId: string, storeId?: string) => Promise<SalesScope>;

/**
 * Reads the history of a product up to a day of the data set; by default up to the simulation's current day, and before the
 * first day all of it. Its function throws HttpProblem `invalid_day`.
 */
export function scopeReader(history: HistoryReader, store: CurrentDaySource): ScopeReader {
  const scopesOf = scopesReader(history, store);
  return (productId, day) => scopesOf(day)(productId);
}

/** As {@link scopeReader}, for several products of one request. */
export function scopesReader(history: HistoryReader, store: CurrentDaySource): ScopesReader {
  return (day) => {
    let reading: Promise<string | null> | undefined;
    const today = () => {
      reading ??= day === undefined ? currentDate(store) : Promise.resolve(null);
      return reading;
    };
    return async (productId, storeId) => {
      const [{ dataSet, sales }, current] = await Promise.all([history.product(productId, storeId), today()]);
      const cutoff = day === undefined ? current : dateOfDay(dataSet, day);
      const inScope = salesUpTo(sales, cutoff);
      return {
        sales: inScope,
        upTo: cutoff ?? 'all',
        key: `${dataSet?.id}/${inScope.length}/${productId}${storeId === undefined ? '' : `/${storeId}`}`,
        version: day === undefined || !dataSet ? null : dataSet.sha256,
      };
    };
  };
}

/** Sales of one product up to a day; with `all`, up to the last sale. */
export type KnownSales = Pick<SalesScope, 'sales' | 'upTo'>;

/**
 * Every day from one store's first sale to the last day in scope, by date. Public data sets have no rows for days without sales: a
 * series that ended with its last sale, or had its gaps closed, would forecast the wrong days and too much.
 */
export function storeHistory({ sales, upTo }: KnownSales, store: string): DemandDay[] {
  const sold = sales
    .filter(({ storeId }) => storeId === store)
    .map((sale) => ({ date: sale.date, units_sold: sale.units, sold_out: isSoldOut(sale) }));
  const days = new Map(sold.map((day) => [day.date, day]));
  const [first] = sold;
  const last = sold.at(-1);
  if (first === undefined || last === undefined) return [];
  const end = endsBefore(last.date, upTo) ? upTo : last.date;
  const count = daysBetween(first.date, end) + 1;
  // Most stores sell every product every day; writing a date takes longer than all else here.
  if (days.size === count) return [...days.values()];
  return Array.from({ length: count }, (_, day) => {
    const date = dateAfter(first.date, day);
    return days.get(date) ?? { date, units_sold: 0, sold_out: false };
  });
}

/** What one store offered, by date, up to the last day in scope. */
export function storeOffers({ sales, upTo }: KnownSales, store: string): OfferDay[] {
  const days = sales
    .filter(({ storeId }) => storeId === store)
    .map(({ date, price, discount, isPromoted }) => {
      return { date, netPrice: price * (1 - (discount ?? 0) / 100), isPromoted };
    });
  const last = days.at(-1);
  if (last === undefined || !endsBefore(last.date, upTo)) return days;
  return [...days, { date: upTo, netPrice: null, isPromoted: null }];
}

function endsBefore(date: string, upTo: string): boolean {
  return upTo !== 'all' && date < upTo;
}

/** Marks an answer as cacheable if its scope allows. */
export function versioned<Answer>(scope: SalesScope, answer: Answer): Answer | VersionedAnswer<Answer> {
  return scope.version === null ? answer : new VersionedAnswer(answer, scope.version);
}

/** The error for a product, or a store and product, without sales in scope. Existing clients rely on the text. */
export function noData(productId: string, storeId?: string): HttpProblem {
  const store = storeId === undefined ? '' : ` store=${storeId}`;
  return new HttpProblem('not_found', `No data found for${store} product=${productId}`);
}

/**
 * The error for a history that is too short. Existing clients rely on the text.
 *
 * @param needed Days that the request needs.
 * @param got Days with sales in scope.
 */
export function tooFewDays(needed: number, got: number): HttpProblem {
  return new HttpProblem('not_found', `Need ${needed}+ days of data, got ${got}.`);
}

/** The part of the simulation's store that has the current day. */
export interface CurrentDaySource {
  readState(): Promise<SimulationState | null>;
  readCalendar(id: string): Promise<Calendar>;
}

/** Date of the simulation's current day; null before the first. */
export async function currentDate(store: CurrentDaySource): Promise<string | null> {
  const state = await store.readState();
  if (!state || state.dayIndex < 0) return null;
  const calendar = await store.readCalendar(state.calendarId);
  return calendar.dates[state.dayIndex] ?? null;
}

/**
 * The date of a day of the data set.
 *
 * @param day 1 for the first.
 * @throws HttpProblem `invalid_day`.
 */
export function dateOfDay(dataSet: DataSet | null, day: number): string {
  const dates = dataSet?.dates ?? [];
  const date = dates[day - 1];
  if (date !== undefined) return date;
  const days = dates.length > 0 ? `the data set has days 1 to ${dates.length}` : 'no data set is loaded';
  throw new HttpProblem('invalid_day', `day ${day} is out of range: ${days}.`);
}
