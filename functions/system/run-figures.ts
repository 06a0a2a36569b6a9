import type { Metrics } from '../../shared/api/system.ts';
import type { PairTotals, RunTotals } from './run-totals.ts';

type Figures = Pick<Metrics, 'ingestion' | 'store_totals' | 'top_5_products'>;

/** Sums a run's totals up by store and by product; equal figures are in the order of their ids. */
export function runFigures({ pairs, eventsLast60s }: RunTotals): Figures {
  return {
    ingestion: {
      total_events_stored: sum(pairs, (pair) => pair.events),
      events_last_60s: eventsLast60s,
      events_per_minute: eventsLast60s,
    },
    store_totals: storeTotals(pairs),
    top_5_products: topProducts(pairs),
  };
}

function storeTotals(totals: readonly PairTotals[]): Metrics['store_totals'] {
  return groups(totals, (pair) => pair.store_id)
    .map(([store_id, pairs]) => ({
      store_id,
      total_events: sum(pairs, (pair) => pair.events),
      total_units: sum(pairs, (pair) => pair.units),
      total_revenue: sum(pairs, (pair) => pair.revenue_cents) / 100,
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
