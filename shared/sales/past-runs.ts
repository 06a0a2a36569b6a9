import { type Pool, type ResultSetHeader, select } from '../mysql/connection.ts';

/** Rows that one statement deletes, so that it holds its locks only briefly. */
const DELETE_ROWS = 5_000;

/** Runs that have events, oldest first, with their number of events. */
export async function runsWithEvents(pool: Pool): Promise<{ runId: string; events: number }[]> {
  const sql = 'SELECT run_id AS runId, COUNT(*) AS events FROM kafka_events GROUP BY run_id ORDER BY MIN(id)';
  return select(pool, sql);
}

/** Deletes the events of one run. @returns how many there were. */
export async function deleteRunEvents(pool: Pool, runId: string): Promise<number> {
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
