import { HttpProblem } from '../../shared/api/errors.ts';
import {
  isoTime,
  MIN_HISTORY_DAYS,
  type RecentSale,
  recentSales,
  validCombo,
} from '../../shared/api/sales.ts';
import { boundedCache } from '../../shared/bounded-cache.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { dayIndexOf } from '../../shared/simulation/state.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';

/** What the routes read from MySQL. */
export interface SalesReader {
  /** The latest sales of a run, or of one of its days, newest first. */
  recent(runId: string, limit: number, dayIndex: number | undefined): Promise<readonly RecentSale[]>;
  validCombo(): Promise<Combo | null>;
}

/**
 * The routes of sales: DynamoDB has the current run, MySQL its sales.
 *
 * @returns Handlers; that of `validCombo` throws HttpProblem `not_found` if no pair has enough history.
 */
export function salesApi(store: Pick<SimulationStore, 'readState'>, sales: SalesReader): RouteHandler[] {
  /** By the sales, which are the same ones until another is stored. */
  const answers = new WeakMap<readonly RecentSale[], { readonly events: readonly RecentSale[] }>();
  return [
    implement(recentSales, async ({ query }) => {
      if (query.limit === 0 && query.day === undefined) return { events: [] };
      const state = await store.readState();
      const dayIndex = dayIndexOf(state, query.day);
      const events = state && query.limit > 0 ? await sales.recent(state.runId, query.limit, dayIndex) : [];
      const answer = answers.get(events) ?? { events };
      answers.set(events, answer);
      return answer;
    }),
    implement(validCombo, async () => {
      const combo = await sales.validCombo();
      if (combo) return combo;
      const detail = `No product has ${MIN_HISTORY_DAYS} days of history in any store; load a data set first.`;
      throw new HttpProblem('not_found', detail);
    }),
  ];
}

/**
 * The columns of an event, its net figures, and those of its row of the data set. A row that another data set has put in its
 * place says nothing about the sale, so units and price must agree.
 */
const withRow = (page: string) => `
  SELECT e.store_id, e.product_id, e.date, e.units_sold, e.price, e.discount, e.is_holiday_promo, e.weather, e.received_at,
         e.id, e.category, e.region,
         ROUND(e.price * (100 - COALESCE(e.discount, 0))) / 100 AS net_price,
         ROUND(e.units_sold * e.price * (100 - COALESCE(e.discount, 0))) / 100 AS net_revenue,
         f.is_holiday_promo AS promotion, f.weather_condition
    FROM (SELECT id, store_id, product_id, date, units_sold, price, discount, is_holiday_promo, weather, received_at,
                   category, region
            FROM kafka_events ${page}) e
    LEFT JOIN sales_facts f FORCE INDEX (PRIMARY) ON f.date = e.date AND f.store_id = e.store_id AND f.product_id = e.product_id
          AND f.units_sold = e.units_sold AND f.price = e.price
   ORDER BY e.id DESC`;

/**
 * Values: run id, limit. Reads the index `run_position` backwards. Unless forced, MySQL (8.4, 9.7) scans the primary key,
 * with the rows of all runs.
 */
export const RECENT_SALES = withRow('FORCE INDEX (run_position) WHERE run_id = ? ORDER BY id DESC LIMIT ?');

/** Values: run id, day index, limit. Entries of the index `run_day` end with the id, so it serves the order too. */
export const RECENT_SALES_OF_DAY = withRow(
  'FORCE INDEX (run_day) WHERE run_id = ? AND day_index = ? ORDER BY id DESC LIMIT ?',
);

/**
 * The latest stored sales of a run, newest first.
 *
 * @param dayIndex Index of the only day that is wanted; undefined for all.
 */
export async function selectRecentSales(
  pool: Pool,
  runId: string,
  limit: number,
  dayIndex?: number,
): Promise<RecentSale[]> {
  const rows =
    dayIndex === undefined
      ? await select<RecentSale>(pool, RECENT_SALES, [runId, limit])
      : await select<RecentSale>(pool, RECENT_SALES_OF_DAY, [runId, dayIndex, limit]);
  return rows.map((row) => ({ ...row, received_at: isoTime(row.received_at) }));
}

/** Value: run id. One entry of an index each: the run's newest sale, and the data set that its rows belong to. */
export const NEWEST = `
  SELECT (SELECT id FROM kafka_events FORCE INDEX (run_position) WHERE run_id = ? ORDER BY id DESC LIMIT 1) AS sale,
         (SELECT MAX(id) FROM datasets) AS data_set`;

/** Sales that a worker keeps, about 1 KB each with their JSON. */
const KEPT_SALES = 2_000;

/**
 * Reads the latest stored sales of a run. Returns the same ones until another sale of the run is stored or another data set loaded, so
 * that their answer needn't be made again.
 */
export function recentSalesReader(pool: Pool): SalesReader['recent'] {
  const kept = boundedCache<{ readonly stamp: string; readonly sales: readonly RecentSale[] }>(KEPT_SALES);
  return async (runId, limit, dayIndex) => {
    const key = JSON.stringify([runId, limit, dayIndex]);
    // Read first: what is stored meanwhile belongs to the next stamp.
    const stamp = JSON.stringify(await select(pool, NEWEST, [runId]));
    const known = kept.get(key);
    if (known?.stamp === stamp) return known.sales;
    const sales = await selectRecentSales(pool, runId, limit, dayIndex);
    if (sales.length <= KEPT_SALES) kept.set(key, { stamp, sales }, Math.max(1, sales.length));
    return sales;
  };
}

/** A store and product, and how many days of history they have. */
interface Combo {
  readonly store_id: string;
  readonly product_id: string;
  readonly days: number;
}

/** Value: minimum number of days. Sorted like the index `by_product`, so that the first match ends the scan. */
export const FIRST_COMBO = `
  SELECT store_id, product_id, COUNT(*) AS days
    FROM sales_facts
   GROUP BY product_id, store_id
  HAVING COUNT(*) >= ?
   ORDER BY product_id, store_id
   LIMIT 1`;

/** The first product and store with enough history; null if there is none. */
export async function selectValidCombo(pool: Pool): Promise<Combo | null> {
  const [combo] = await select<Combo>(pool, FIRST_COMBO, [MIN_HISTORY_DAYS]);
  return combo ?? null;
}
