import { expect } from 'vitest';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { eventually } from '../support/eventually.ts';
import { isMariadb } from '../support/mysql-engine.ts';

/** Transactions that have inserted and can't commit. */
export interface HeldCommits {
  /** Connections that wait with their commit. */
  waiting(): Promise<number[]>;
  /**
   * Breaks off all that wait, as the server does with those of a dead client, unless it already has. Resolves when their
   * transactions are rolled back: one that is released before it has noticed may commit.
   */
  breakOff(): Promise<void>;
  /** Lets all commit. Calling it again has no effect. */
  release(): Promise<void>;
}

/**
 * Lets every transaction do its work and wait before its commit. The statements of a batch travel as one text, so no client can
 * come between its insert and its commit: the server itself has to hold it.
 */
export async function holdCommits(pool: Pool): Promise<HeldCommits> {
  const holder = await pool.getConnection();
  const hold = (await isMariadb(pool)) ? BACKUP : TRIGGER;
  try {
    // It says nothing for as long as the commits are held.
    await holder.query('SET SESSION wait_timeout = 3600');
    for (const statement of hold.begin) await holder.query(statement);
  } catch (error) {
    holder.destroy();
    throw error;
  }
  let isReleased = false;

  async function waiting(): Promise<number[]> {
    const sql = 'SELECT id FROM information_schema.PROCESSLIST WHERE state LIKE ? AND id <> ?';
    const rows = await select<{ id: number }>(pool, sql, [hold.waitingState, holder.threadId]);
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
        await holder.query(hold.end);
      } finally {
        // Its end would let go of the lock as well.
        holder.destroy();
      }
    },
  };
}

/** How a server is made to hold commits, and the state in which it shows a connection that waits. */
interface Hold {
  readonly begin: readonly string[];
  readonly end: string;
  readonly waitingState: string;
}

/** MariaDB: the lock that a backup takes. */
const BACKUP: Hold = {
  begin: ['START', 'FLUSH', 'BLOCK_DDL', 'BLOCK_COMMIT'].map((stage) => `BACKUP STAGE ${stage}`),
  end: 'BACKUP STAGE END',
  waitingState: '%backup%',
};

/**
 * MySQL: a trigger that waits for a lock once the last row of an insert is in. None of its own locks does that:
 * `LOCK INSTANCE FOR BACKUP` lets commits pass, and `FLUSH TABLES WITH READ LOCK` already stops the insert. The trigger stays
 * in the test's database; while nobody holds the lock it does nothing.
 */
const TRIGGER: Hold = {
  begin: [
    `CREATE TRIGGER IF NOT EXISTS hold_commits AFTER INSERT ON kafka_events FOR EACH ROW
     BEGIN
       DECLARE taken INT;
       IF IS_USED_LOCK('held commits') IS NOT NULL AND
          (SELECT SUBSTRING_INDEX(info, NEW.event_id, -1) NOT LIKE '%), (%'
             FROM information_schema.PROCESSLIST WHERE id = CONNECTION_ID())
       THEN
         SET taken = GET_LOCK('held commits', 3600);
         SET taken = RELEASE_LOCK('held commits');
       END IF;
     END`,
    "DO GET_LOCK('held commits', 3600)",
  ],
  end: "DO RELEASE_LOCK('held commits')",
  waitingState: 'User lock',
};

/** While a transaction waits, the server looks every second whether its client is still there. */
function passIfGone(error: unknown): void {
  if (!(error instanceof Error && 'code' in error && error.code === 'ER_NO_SUCH_THREAD')) throw error;
}
