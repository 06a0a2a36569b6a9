import { type Pool, select } from '../../shared/mysql/connection.ts';
import type { StoredRun } from './reconcile.ts';

const RECEIVED =
  'SELECT day_index, COUNT(*) AS received FROM kafka_events WHERE run_id = ? GROUP BY day_index';
const HEAD = 'SELECT COALESCE(MAX(id), 0) AS head_id FROM kafka_events WHERE run_id = ?';

/** Counts a run's rows, from covering indexes. The head is read last, so that it covers all that was counted. */
export async function readStoredRun(pool: Pool, runId: string): Promise<StoredRun> {
  const days = await select<{ day_index: number; received: number }>(pool, RECEIVED, [runId]);
  const [head] = await select<{ head_id: number }>(pool, HEAD, [runId]);
  return {
    received: new Map(days.map(({ day_index, received }) => [day_index, received])),
    headId: head?.head_id ?? 0,
  };
}
