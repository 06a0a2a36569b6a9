import type { Pool as LibraryPool } from 'mysql2/promise';
import type { Pool } from './connection.ts';

/** The rest is for what lies between the decision and the server's hearing of it. */
const USED_FOR = 0.9;

/**
 * A pool that hands no connection out that the server ends for having idled so long. A process that was frozen, as Lambda's are
 * between two invocations, has not heard of that end yet, and its first statement would go to a connection that is gone.
 *
 * @param waitTimeoutSeconds After which the server ends an idle connection.
 */
export function unexpiredPool(opened: LibraryPool, waitTimeoutSeconds: number): Pool {
  const usedFor = waitTimeoutSeconds * 1_000 * USED_FOR;
  /** Epoch milliseconds, for no other clock goes on in a process that is frozen. */
  const idleSince = new WeakMap<object, number>();
  opened.pool.on('release', (connection) => idleSince.set(connection, Date.now()));

  async function getConnection() {
    for (;;) {
      const connection = await opened.getConnection();
      const since = idleSince.get(connection.connection) ?? Number.POSITIVE_INFINITY;
      if (Date.now() - since < usedFor) return connection;
      connection.destroy();
    }
  }

  async function query(...query: Parameters<Pool['query']>) {
    const connection = await getConnection();
    try {
      return await connection.query(...query);
    } finally {
      connection.release();
    }
  }

  // The library's overloads can't be repeated by a function; what is passed on is passed on as it came.
  return { query: query as Pool['query'], getConnection, end: () => opened.end() };
}
