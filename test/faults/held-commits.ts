import { type Pool, select } from '../../shared/mysql/connection.ts';

/** Transactions that have inserted and can't commit. */
export interface HeldCommits {
  /** Connections that wait with their commit. */
  waiting(): Promise<number[]>;
  /** Breaks a connection off, as the server does with that of a dead client: its transaction is rolled back. */
  breakOff(connection: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Lets every transaction do its work and wait before its commit, by the lock that a backup takes. The statements of a
 * batch travel as one text, so that there is no other way to come between its insert and its commit.
 */
export async function holdCommits(pool: Pool): Promise<HeldCommits> {
  const backup = await pool.getConnection();
  for (const stage of ['START', 'FLUSH', 'BLOCK_DDL', 'BLOCK_COMMIT'])
    await backup.query(`BACKUP STAGE ${stage}`);
  return {
    async waiting() {
      const sql = "SELECT id FROM information_schema.PROCESSLIST WHERE state LIKE '%backup%' AND id <> ?";
      const rows = await select<{ id: number }>(pool, sql, [backup.threadId]);
      return rows.map(({ id }) => id);
    },
    breakOff: async (connection) => void (await pool.query('KILL ?', [connection])),
    async release() {
      await backup.query('BACKUP STAGE END');
      backup.release();
    },
  };
}
