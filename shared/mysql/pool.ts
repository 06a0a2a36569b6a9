import type { Pool as LibraryPool } from 'mysql2/promise';

/** Connections to MySQL, taken from the pool for one statement or for some. */
export type Pool = Pick<LibraryPool, 'query' | 'getConnection' | 'end'>;

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

/** "Access denied": said before anything is executed, so whatever was asked may be asked again. */
const ACCESS_DENIED = 'ER_ACCESS_DENIED_ERROR';

/**
 * A pool whose password somebody else makes and changes. It is read at the first use, and once more when the server
 * refuses it: then a pool with the new one takes over. Connections that stand already stay good.
 *
 * @param readPassword The password as it is now.
 * @param open Opens a pool with a password.
 */
export function rotatingPool(readPassword: () => Promise<string>, open: (password: string) => Pool): Pool {
  const opened: Promise<Pool>[] = [];
  let current: Promise<Pool> | undefined;

  function pool(): Promise<Pool> {
    if (current) return current;
    const opening = readPassword().then(open);
    current = opening;
    opened.push(opening);
    // Without its password there is no pool: the next use tries again.
    opening.catch(() => forget(opening));
    return opening;
  }

  function forget(refused: Promise<Pool>): void {
    if (current === refused) current = undefined;
  }

  async function use<Result>(work: (pool: Pool) => Promise<Result>): Promise<Result> {
    const used = pool();
    try {
      return await work(await used);
    } catch (error) {
      if (!isAccessDenied(error)) throw error;
      forget(used);
      return work(await pool());
    }
  }

  return {
    // The library's overloads can't be repeated by an arrow function; what is passed on is passed on as it came.
    query: ((...query: Parameters<Pool['query']>) => use((each) => each.query(...query))) as Pool['query'],
    getConnection: () => use((each) => each.getConnection()),
    async end() {
      const pools = await Promise.allSettled(opened.splice(0));
      current = undefined;
      await Promise.all(pools.flatMap((each) => (each.status === 'fulfilled' ? [each.value.end()] : [])));
    },
  };
}

function isAccessDenied(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === ACCESS_DENIED;
}
