import { createHash } from 'node:crypto';
import type { PoolConnection, RowDataPacket } from './connection.ts';

/** A named lock did not become free in time. */
class LockTimeoutError extends Error {
  constructor(name: string, seconds: number) {
    super(
      `Another process has been working on "${name}" in this database for ${seconds} s. Wait until it is done.`,
    );
    this.name = 'LockTimeoutError';
  }
}

/**
 * Runs work while holding a lock that is exclusive among all sessions of the same database. The server releases the lock when
 * the connection ends, so a killed process never keeps it.
 *
 * @param name At most 20 characters.
 * @throws LockTimeoutError if the lock isn't free within the given seconds.
 */
export async function withNamedLock<Result>(
  connection: PoolConnection,
  name: string,
  seconds: number,
  work: () => Promise<Result>,
): Promise<Result> {
  const lock = await lockName(connection, name);
  const [rows] = await connection.query<RowDataPacket[]>('SELECT GET_LOCK(?, ?) AS taken', [lock, seconds]);
  if (rows[0]?.taken !== 1) throw new LockTimeoutError(name, seconds);
  try {
    return await work();
  } finally {
    // If the connection is broken, the lock is released already, and the work's own error is the one to report.
    await connection.query('DO RELEASE_LOCK(?)', [lock]).catch(() => connection.destroy());
  }
}

/**
 * Lock names are common to all databases of a server and at most 64 characters long, hence the hash. Computed here because
 * MySQL has no SHA1() from 9.6 on.
 */
async function lockName(connection: PoolConnection, name: string): Promise<string> {
  const [rows] = await connection.query<RowDataPacket[]>('SELECT DATABASE() AS name');
  const hash = createHash('sha1').update(String(rows[0]?.name)).digest('hex');
  return `${name}:${hash}`;
}
