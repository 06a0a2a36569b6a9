import { isoTime } from '../../shared/api/sales.ts';
import type { MetricsAnswer } from '../../shared/api/system.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';

/** What one store has sold of one product in a run. */
export interface PairTotals {
  readonly store_id: string;
  readonly product_id: string;
  readonly events: number;
  readonly units: number;
  /** Units × list price, which existing clients expect; in integers, so that sums are exact. */
  readonly revenue_cents: number;
}

/** How many events were stored at one time. */
interface StoredAt {
  /** Milliseconds since 1970, by the database's clock. */
  readonly at: number;
  readonly events: number;
}

/** Queries of a run's stored events. Ranges of ids exclude the first and include the last. */
export interface RunEvents {
  /** The greatest id, 0 for none, and the database's current time. */
  head(runId: string): Promise<{ readonly id: number; readonly now: number }>;
  totals(runId: string, after: number, upTo: number): Promise<PairTotals[]>;
  storedSince(runId: string, after: number, upTo: number, since: number): Promise<StoredAt[]>;
}

interface RunTotals {
  readonly pairs: readonly PairTotals[];
  readonly eventsLast60s: number;
}

/** A run's totals up to an id. */
interface Known {
  readonly runId: string;
  readonly head: number;
  readonly pairs: ReadonlyMap<string, PairTotals>;
  readonly lastMinute: readonly StoredAt[];
}

const MINUTE_MS = 60_000;

/**
 * A reader of a run's totals that reads each event once: stored events don't change and their ids become visible in order,
 * so only those after the last id are new. It remembers the run requested last.
 */
export function runTotalsReader(events: RunEvents): (runId: string) => Promise<RunTotals> {
  let latest: Known | undefined;

  return async (runId) => {
    const known = latest?.runId === runId ? latest : nothingOf(runId);
    const { id, now } = await events.head(runId);
    const since = now - MINUTE_MS;
    const [added, stored] =
      id > known.head
        ? await Promise.all([
            events.totals(runId, known.head, id),
            events.storedSince(runId, known.head, id, since),
          ])
        : [[], []];
    const lastMinute = [...known.lastMinute, ...stored].filter(({ at }) => at >= since);
    const next: Known = {
      runId,
      head: Math.max(id, known.head),
      pairs: addPairs(known.pairs, added),
      lastMinute,
    };
    latest = next;
    return {
      pairs: [...next.pairs.values()],
      eventsLast60s: lastMinute.reduce((sum, each) => sum + each.events, 0),
    };
  };
}

function nothingOf(runId: string): Known {
  return { runId, head: 0, pairs: new Map(), lastMinute: [] };
}

function addPairs(known: Known['pairs'], added: readonly PairTotals[]): Known['pairs'] {
  const pairs = new Map(known);
  for (const pair of added) {
    const key = JSON.stringify([pair.store_id, pair.product_id]);
    const before = pairs.get(key);
    pairs.set(key, before === undefined ? pair : sumOf(before, pair));
  }
  return pairs;
}

function sumOf(a: PairTotals, b: PairTotals): PairTotals {
  return {
    ...a,
    events: a.events + b.events,
    units: a.units + b.units,
    revenue_cents: a.revenue_cents + b.revenue_cents,
  };
}

type Figures = Pick<MetricsAnswer, 'ingestion' | 'store_totals' | 'top_5_products'>;

/** Aggregates a run's totals by store and by product; ties are sorted by id. */
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

function storeTotals(totals: readonly PairTotals[]): MetricsAnswer['store_totals'] {
  return groups(totals, (pair) => pair.store_id)
    .map(([store_id, pairs]) => ({
      store_id,
      total_events: sum(pairs, (pair) => pair.events),
      total_units: sum(pairs, (pair) => pair.units),
      total_revenue: sum(pairs, (pair) => pair.revenue_cents) / 100,
    }))
    .sort((a, b) => b.total_revenue - a.total_revenue || compare(a.store_id, b.store_id));
}

function topProducts(totals: readonly PairTotals[]): MetricsAnswer['top_5_products'] {
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

/** Values: run id. One row, read from the end of the index `run_position`. */
export const RUN_HEAD = `
  SELECT COALESCE(MAX(id), 0) AS head, CAST(NOW(3) AS CHAR) AS now
    FROM kafka_events
   WHERE run_id = ?`;

/** Values: run id, the ids after which and up to which. */
export const PAIR_TOTALS = `
  SELECT store_id, product_id, COUNT(*) AS events, SUM(units_sold) AS units,
         SUM(units_sold * price) * 100 AS revenue_cents
    FROM kafka_events
   WHERE run_id = ? AND id > ? AND id <= ?
   GROUP BY store_id, product_id`;

/** Values: run id, the ids after which and up to which, and the earliest time. */
const STORED_SINCE = `
  SELECT received_at AS at, COUNT(*) AS events
    FROM kafka_events
   WHERE run_id = ? AND id > ? AND id <= ? AND received_at >= ?
   GROUP BY received_at`;

/** Reads from `kafka_events`. */
export function storedRunEvents(pool: Pool): RunEvents {
  return {
    async head(runId) {
      const [row] = await select<{ head: number; now: string }>(pool, RUN_HEAD, [runId]);
      if (!row) throw new Error('An aggregate without groups returns one row.');
      return { id: row.head, now: Date.parse(isoTime(row.now)) };
    },
    totals: (runId, after, upTo) => select<PairTotals>(pool, PAIR_TOTALS, [runId, after, upTo]),
    async storedSince(runId, after, upTo, since) {
      const sqlTime = new Date(since).toISOString().slice(0, -1).replace('T', ' ');
      const values = [runId, after, upTo, sqlTime];
      const rows = await select<{ at: string; events: number }>(pool, STORED_SINCE, values);
      return rows.map(({ at, events }): StoredAt => ({ at: Date.parse(isoTime(at)), events }));
    },
  };
}

const WAITING =
  'SELECT COUNT(*) AS waiting FROM dead_letters WHERE replayed_at IS NULL AND dismissed_at IS NULL';

/** The number of dead letters awaiting a replay or a dismissal. */
export async function selectDeadLetters(pool: Pool): Promise<number> {
  const [row] = await select<{ waiting: number }>(pool, WAITING);
  return row?.waiting ?? 0;
}

/** How many of them belong to batches that could not be decoded. */
export async function selectUndecodable(pool: Pool): Promise<number> {
  const [row] = await select<{ waiting: number }>(pool, `${WAITING} AND undecodable = 1`);
  return row?.waiting ?? 0;
}
