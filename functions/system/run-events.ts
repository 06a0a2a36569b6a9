import { isoTime } from '../../shared/api/sale.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import type { PairTotals, RunEvents, StoredAt } from './run-totals.ts';

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
