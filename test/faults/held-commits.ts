import { expect } from 'vitest';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { eventually } from '../support/eventually.ts';

/** Transactions that have inserted and can't commit. */
export interface HeldCommits {
  /** Connections that wait with their commit. */
  waiting(): Promise<number[]>;
  /**
   * Breaks a connection off, as the server does with that of a dead client, unless it already has. Resolves when its
   * transaction is rolled back: one that is released before it has noticed may commit.
   */
  breakOff(connection: number): Promise<void>;
  /** Lets all commit. Whoever calls it again does nothing. */
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
  let isReleased = false;
  return {
    async waiting() {
      const sql = "SELECT id FROM information_schema.PROCESSLIST WHERE state LIKE '%backup%' AND id <> ?";
      const rows = await select<{ id: number }>(pool, sql, [backup.threadId]);
      return rows.map(({ id }) => id);
    },
    async breakOff(connection) {
      await pool.query('KILL ?', [connection]).catch(passIfGone);
      const sql = 'SELECT id FROM information_schema.PROCESSLIST WHERE id = ?';
      await eventually(async () => expect(await select(pool, sql, [connection])).toEqual([]));
    },
    async release() {
      if (isReleased) return;
      isReleased = true;
      await backup.query('BACKUP STAGE END');
      backup.release();
    },
  };
}

/** While a transaction waits, the server looks every second whether its client is still there. */
function passIfGone(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ER_NO_SUCH_THREAD')) throw error;
}
