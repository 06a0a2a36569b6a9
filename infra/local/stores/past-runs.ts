import { type Pool, type ResultSetHeader, select } from '../../../shared/mysql/connection.ts';
import type { SimulationStore } from '../../../shared/simulation/store.ts';

/** Rows deleted by one statement, so that it holds its locks only briefly. */
const DELETE_ROWS = 5_000;

/** Returns the runs that have events, oldest first, with their number of events. */
async function runsWithEvents(pool: Pool): Promise<{ runId: string; events: number }[]> {
  const sql = 'SELECT run_id AS runId, COUNT(*) AS events FROM kafka_events GROUP BY run_id ORDER BY MIN(id)';
  return select(pool, sql);
}

/** Deletes the forecasts and the events of one run. @returns how many events there were. */
async function deleteRunEvents(pool: Pool, runId: string): Promise<number> {
  // First: a run is found by its events, so an interruption leaves nothing behind that isn't found again.
  await pool.query('DELETE FROM run_forecasts WHERE run_id = ?', [runId]);
  let deleted = 0;
  for (;;) {
    const [{ affectedRows }] = await pool.query<ResultSetHeader>(
      'DELETE FROM kafka_events WHERE run_id = ? LIMIT ?',
      [runId, DELETE_ROWS],
    );
    deleted += affectedRows;
    if (affectedRows < DELETE_ROWS) return deleted;
  }
}

/** The outcome for each past run. */
export interface PrunedRuns {
  readonly deleted: readonly { readonly runId: string; readonly events: number }[];
  readonly kept: number;
}

/**
 * Deletes the events of past runs. The current run is kept, and so is one that isn't known to be completely stored: the
 * reconciliation would publish it again.
 *
 * @param keep Past runs to keep, newest first.
 */
export async function prunePastRuns(
  pool: Pool,
  store: Pick<SimulationStore, 'readState'>,
  keep: number,
): Promise<PrunedRuns> {
  const state = await store.readState();
  const needed = new Set([state?.runId, ...Object.keys(state?.retired ?? {})]);
  const past = (await runsWithEvents(pool)).filter(({ runId }) => !needed.has(runId));
  const doomed = past.slice(0, Math.max(0, past.length - keep));
  const deleted = [];
  for (const { runId } of doomed) deleted.push({ runId, events: await deleteRunEvents(pool, runId) });
  return { deleted, kept: past.length - doomed.length };
}
