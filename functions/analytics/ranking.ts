import { type Ranked, readRanking } from '../../shared/api/ranking.ts';
import { boundedCache } from '../../shared/bounded-cache.ts';
import { roundDecimal } from '../../shared/forecast/numerics.ts';
import type { DataSet } from '../../shared/history/product-history.ts';
import { type CurrentDaySource, currentDate, dateOfDay } from '../../shared/history/scope.ts';
import { VersionedAnswer } from '../../shared/http/responses.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { SOLD_OUT } from './insights.ts';

/** What is ranked. */
export type RankedBy = 'store' | 'product';

/** Sums of a store or product on a day, and on the same weekdays before. */
export interface DayTotals {
  readonly id: string;
  readonly net_cents: number;
  readonly units: number;
  readonly before_cents: number;
  /** Null if no row of the day has the stock. */
  readonly stock_outs: number | null;
}

/** What a store or product sold on a date. */
export interface TrendPoint {
  readonly id: string;
  readonly date: string;
  readonly net_cents: number;
}

/** Reads the data set's sales. */
export interface RankingSource {
  /** The greatest of a date, at most `limit`. */
  dayTotals(by: RankedBy, date: string, sameWeekdays: readonly string[], limit: number): Promise<DayTotals[]>;
  trend(by: RankedBy, dates: readonly string[], ids: readonly string[]): Promise<TrendPoint[]>;
}

/** Weeks before a day whose same weekday is the usual. */
const WEEKS = 4;
/** With fewer of them nothing is usual. */
const LEAST_WEEKS = 2;
const DAY_MS = 86_400_000;

/** The days of a data set that a ranking needs. */
export interface RankingDates {
  readonly usualOf: readonly string[];
  readonly trend: readonly string[];
}

/** A data set may have no sales on some dates. */
export function rankingDates(dates: readonly string[], date: string): RankingDates {
  const daysBefore = (other: string) => (Date.parse(date) - Date.parse(other)) / DAY_MS;
  const end = dates.indexOf(date) + 1;
  const trend = dates
    .slice(Math.max(0, end - WEEKS * 7 - 1), end)
    .filter((other) => daysBefore(other) <= WEEKS * 7);
  return { trend, usualOf: trend.filter((other) => other !== date && daysBefore(other) % 7 === 0) };
}

/** Puts what was read together, in the order of the totals. */
export function rank(
  totals: readonly DayTotals[],
  points: readonly TrendPoint[],
  { usualOf, trend }: RankingDates,
): Ranked[] {
  const centsOf = new Map(points.map(({ id, date, net_cents }) => [`${date} ${id}`, net_cents]));
  return totals.map(({ id, net_cents, units, before_cents, stock_outs }) => {
    const usual = usualOf.length < LEAST_WEEKS ? null : before_cents / usualOf.length;
    return {
      id,
      net_revenue: net_cents / 100,
      units,
      usual_net_revenue: usual === null ? null : Math.round(usual) / 100,
      change_pct: usual === null || usual <= 0 ? null : roundDecimal((net_cents / usual - 1) * 100, 1),
      stock_outs,
      trend: trend.map((date) => (centsOf.get(`${date} ${id}`) ?? 0) / 100),
    };
  });
}

const NET_CENTS = 'ROUND(f.units_sold * f.price * (100 - COALESCE(f.discount, 0)))';

/** A closed table, because column names can't be parameters of a statement. */
const COLUMNS: Readonly<Record<RankedBy, string>> = { store: 'f.store_id', product: 'f.product_id' };

/**
 * Both read ranges of the clustered index, of at most five and 29 dates, whatever the data set's size. Values: the date four times, it
 * and the same weekdays before, the limit.
 */
export const DAY_TOTALS = (by: RankedBy) => `
  SELECT ${COLUMNS[by]} AS id,
         SUM(CASE WHEN f.date = ? THEN ${NET_CENTS} ELSE 0 END) AS net_cents,
         SUM(CASE WHEN f.date = ? THEN f.units_sold ELSE 0 END) AS units,
         SUM(CASE WHEN f.date <> ? THEN ${NET_CENTS} ELSE 0 END) AS before_cents,
         SUM(CASE WHEN f.date = ? THEN ${SOLD_OUT('f')} END) AS stock_outs
    FROM sales_facts f FORCE INDEX (PRIMARY)
   WHERE f.date IN (?)
   GROUP BY ${COLUMNS[by]}
   ORDER BY net_cents DESC, id
   LIMIT ?`;

/** Values: dates, ids. */
export const TREND = (by: RankedBy) => `
  SELECT ${COLUMNS[by]} AS id, f.date, SUM(${NET_CENTS}) AS net_cents
    FROM sales_facts f FORCE INDEX (PRIMARY)
   WHERE f.date IN (?) AND ${COLUMNS[by]} IN (?)
   GROUP BY ${COLUMNS[by]}, f.date`;

/** Reads rankings from the data set's rows in MySQL. */
export function storedRanking(pool: Pool): RankingSource {
  return {
    dayTotals: (by, date, sameWeekdays, limit) =>
      select<DayTotals>(pool, DAY_TOTALS(by), [date, date, date, date, [date, ...sameWeekdays], limit]),
    trend: async (by, dates, ids) =>
      ids.length === 0 ? [] : select<TrendPoint>(pool, TREND(by), [[...dates], [...ids]]),
  };
}

interface Ranking {
  readonly stores: Ranked[];
  readonly products: Ranked[];
}

/** Rows of cached rankings, about 300 bytes each. */
const KEPT_ROWS = 30_000;

interface RankingSources {
  readonly store: CurrentDaySource;
  readonly ranking: RankingSource;
  /** The newest data set; null if none was loaded. `fresh` asks the database even if it was asked a moment ago. */
  dataSet(how?: 'fresh'): Promise<DataSet | null>;
}

/** Implements the ranking of a day's stores and products. Remembers recent answers about the current data set. */
export function rankingImplementation({ store, ranking, dataSet }: RankingSources): RouteHandler {
  const kept = boundedCache<Ranking>(KEPT_ROWS);

  async function read(by: RankedBy, date: string, dates: RankingDates, limit: number): Promise<Ranked[]> {
    const totals = await ranking.dayTotals(by, date, dates.usualOf, limit);
    const points = await ranking.trend(
      by,
      dates.trend,
      totals.map(({ id }) => id),
    );
    return rank(totals, points, dates);
  }

  async function rankingOf(
    known: DataSet,
    date: string,
    dates: RankingDates,
    limit: number,
  ): Promise<Ranking> {
    const key = JSON.stringify([known.id, date, limit]);
    const cached = kept.get(key);
    if (cached) return cached;
    const [stores, products] = await Promise.all([
      read('store', date, dates, limit),
      read('product', date, dates, limit),
    ]);
    // Another data set may have been loaded between the queries; what was mixed is not kept.
    if ((await dataSet('fresh'))?.id === known.id)
      kept.set(key, { stores, products }, Math.max(1, stores.length + products.length));
    return { stores, products };
  }

  return implement(readRanking, async ({ query: { day, limit } }) => {
    const [known, today] = await Promise.all([dataSet(), day === undefined ? currentDate(store) : null]);
    const date = day === undefined ? today : dateOfDay(known, day);
    const number = (known?.dates.indexOf(date ?? '') ?? -1) + 1;
    if (!known || date === null || number === 0) {
      return { day: null, date: null, usual_of: [], trend_dates: [], stores: [], products: [] };
    }
    const dates = rankingDates(known.dates, date);
    const { stores, products } = await rankingOf(known, date, dates, limit);
    const answer = {
      day: number,
      date,
      usual_of: [...dates.usualOf],
      trend_dates: [...dates.trend],
      stores,
      products,
    };
    return day === undefined ? answer : new VersionedAnswer(answer, known.sha256);
  });
}
