import { expect } from 'vitest';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { eventually } from '../support/eventually.ts';

/** Transactions that have inserted and can't commit. */
export interface HeldCommits {
  /** Connections that wait with their commit. */
  waiting(): Promise<number[]>;
  /**
   * Breaks off all that wait, as the server does with those of a dead client, unless it already has. Resolves when their
   * transactions are rolled back: one that is released before it has noticed may commit.
   */
  breakOff(): Promise<void>;
  /** Lets all commit. Whoever calls it again does nothing. */
  release(): Promise<void>;
}

/**
 * Lets every transaction do its work and wait before its commit, by the lock that a backup takes. The statements of a
 * batch travel as one text, so that there is no other way to come between its insert and its commit.
 */
export async function holdCommits(pool: Pool): Promise<HeldCommits> {
  const backup = await pool.getConnection();
  try {
    // It says nothing for as long as the commits are held.
    await backup.query('SET SESSION wait_timeout = 3600');
    for (const stage of ['START', 'FLUSH', 'BLOCK_DDL', 'BLOCK_COMMIT'])
      await backup.query(`BACKUP STAGE ${stage}`);
  } catch (error) {
    backup.destroy();
    throw error;
  }
  let isReleased = false;

  async function waiting(): Promise<number[]> {
    const sql = "SELECT id FROM information_schema.PROCESSLIST WHERE state LIKE '%backup%' AND id <> ?";
    const rows = await select<{ id: number }>(pool, sql, [backup.threadId]);
    return rows.map(({ id }) => id);
  }

  return {
    waiting,
    async breakOff() {
      const broken = new Set([0]);
      await eventually(async () => {
        for (const connection of await waiting()) {
          broken.add(connection);
          await pool.query('KILL ?', [connection]).catch(passIfGone);
        }
        const sql = 'SELECT id FROM information_schema.PROCESSLIST WHERE id IN (?)';
        expect(await select(pool, sql, [[...broken]])).toEqual([]);
      });
    },
    async release() {
      if (isReleased) return;
      isReleased = true;
      try {
        await backup.query('BACKUP STAGE END');
      } finally {
        // Its end would let go of the lock as well.
        backup.destroy();
      }
    },
  };
}

/** While a transaction waits, the server looks every second whether its client is still there. */
function passIfGone(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ER_NO_SUCH_THREAD')) throw error;
}
