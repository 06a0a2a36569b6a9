import type { Pool as LibraryPool } from 'mysql2/promise';
import { ownCredentials, type PresignedRequest, presign } from '../aws/presign.ts';

/** A pool of connections to MySQL. */
export type Pool = Pick<LibraryPool, 'query' | 'getConnection' | 'end'>;

/** Fraction of the idle limit; the rest allows for the time until the server receives the statement. */
const USABLE_FRACTION = 0.9;

/**
 * A pool that never returns a connection which the server may have closed for idling. A process that was frozen, as Lambda
 * freezes one between invocations, has not noticed that yet, and would send its first statement to a closed connection.
 *
 * @param waitTimeoutSeconds Idle seconds after which the server closes a connection.
 */
export function unexpiredPool(opened: LibraryPool, waitTimeoutSeconds: number): Pool {
  const maxIdleMs = waitTimeoutSeconds * 1_000 * USABLE_FRACTION;
  /** In epoch milliseconds, because a monotonic clock stops while the process is frozen. */
  const idleSince = new WeakMap<object, number>();
  opened.pool.on('release', (connection) => idleSince.set(connection, Date.now()));

  async function getConnection() {
    for (;;) {
      const connection = await opened.getConnection();
      const since = idleSince.get(connection.connection) ?? Number.POSITIVE_INFINITY;
      if (Date.now() - since < maxIdleMs) return connection;
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

  // A function can't repeat the library's overloads; the arguments are passed on unchanged.
  return { query: query as Pool['query'], getConnection, end: () => opened.end() };
}

/** Access denied: the server refused before it executed anything, so the statement may be sent again. */
const ACCESS_DENIED = 'ER_ACCESS_DENIED_ERROR';

/**
 * A pool whose password is rotated externally. It reads the password at first use, and again when the server refuses
 * it; then a pool with the new password takes over. Open connections stay valid.
 *
 * @param readPassword Reads the current password.
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
    // Without a password there is no pool; the next use tries again.
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
    // An arrow function can't repeat the library's overloads; the arguments are passed on unchanged.
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

/** The token with which RDS identifies a user by a function's role. */

/** A user of a database instance. */
export interface DatabaseUser {
  readonly host: string;
  readonly port: number;
  readonly user: string;
}

/**
 * Signs an `rds-db:connect` request, in the format of `@aws-sdk/rds-signer`.
 *
 * @param role The region, and whose credentials sign.
 * @param now When the token's 15 minutes start; a connection that it opened stays valid.
 */
export function rdsIamToken(
  { host, port, user }: DatabaseUser,
  role: Pick<PresignedRequest, 'region' | 'credentials'>,
  now: Date,
): Promise<string> {
  const query = { Action: 'connect', DBUser: user };
  return presign({ ...role, service: 'rds-db', host: `${host}:${port}`, query, now });
}

/**
 * A plug-in of mysql2 that answers RDS's request for a password in plain text with a new token for each connection. Computing
 * one takes under a millisecond and no network. Only for connections over TLS.
 */
export function iamAuthentication(database: DatabaseUser) {
  return () => async () => {
    const token = await rdsIamToken(database, ownCredentials(), new Date());
    return Buffer.from(`${token}\0`);
  };
}
