import { type Pool, select } from '../../shared/mysql/connection.ts';
import type { Metrics } from './contract.ts';

/** What a run has sold of one product in one store. */
export interface PairTotals {
  readonly store_id: string;
  readonly product_id: string;
  readonly events: number;
  readonly units: number;
  /** Units at the price asked; discounts are not taken off, as existing clients know the figure. */
  readonly revenue: number;
  readonly events_last_60s: number;
}

/** All figures of a run in one pass over its events. */
const RUN_TOTALS = `
  SELECT store_id, product_id, COUNT(*) AS events, SUM(units_sold) AS units, SUM(units_sold * price) AS revenue,
         SUM(received_at >= NOW(3) - INTERVAL 60 SECOND) AS events_last_60s
    FROM kafka_events
   WHERE run_id = ?
   GROUP BY store_id, product_id`;

export function selectRunTotals(pool: Pool, runId: string): Promise<PairTotals[]> {
  return select<PairTotals>(pool, RUN_TOTALS, [runId]);
}

/** How many unreadable messages wait for a replay. */
export async function selectDeadLetters(pool: Pool): Promise<number> {
  const sql = 'SELECT COUNT(*) AS waiting FROM dead_letters WHERE replayed_at IS NULL';
  const [row] = await select<{ waiting: number }>(pool, sql);
  return row?.waiting ?? 0;
}

type Figures = Pick<Metrics, 'ingestion' | 'store_totals' | 'top_5_products'>;

/** Sums a run's totals up by store and by product; equal figures are in the order of their ids. */
export function runFigures(totals: readonly PairTotals[]): Figures {
  const lastMinute = sum(totals, (pair) => pair.events_last_60s);
  return {
    ingestion: {
      total_events_stored: sum(totals, (pair) => pair.events),
      events_last_60s: lastMinute,
      events_per_minute: lastMinute,
    },
    store_totals: storeTotals(totals),
    top_5_products: topProducts(totals),
  };
}

function storeTotals(totals: readonly PairTotals[]): Metrics['store_totals'] {
  return groups(totals, (pair) => pair.store_id)
    .map(([store_id, pairs]) => ({
      store_id,
      total_events: sum(pairs, (pair) => pair.events),
      total_units: sum(pairs, (pair) => pair.units),
      total_revenue: Math.round(sum(pairs, (pair) => pair.revenue) * 100) / 100,
    }))
    .sort((a, b) => b.total_revenue - a.total_revenue || compare(a.store_id, b.store_id));
}

function topProducts(totals: readonly PairTotals[]): Metrics['top_5_products'] {
  return groups(totals, (pair) => pair.product_id)
    .map(([product_id, pairs]) => ({ product_id, total_units: sum(pairs, (pair) => pair.units) }))
    .sort((a, b) => b.total_units - a.total_units || compare(a.product_id, b.product_id))
    .slice(0, 5);
}

function groups<Value>(values: readonly Value[], key: (value: Value) => string): [string, Value[]][] {
  return [...Map.groupBy(values, key)];
}

function sum<Value>(values: readonly Value[], figure: (value: Value) => number): number {
  return values.reduce((total, value) => total + figure(value), 0);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
