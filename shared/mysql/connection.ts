import { readFileSync } from 'node:fs';
import { createPool, type PoolOptions, type RowDataPacket } from 'mysql2/promise';
import type { Metrics } from '../observability/metrics.ts';
import type { MysqlSettings } from '../settings.ts';
import { iamAuthentication, type Pool, rotatingPool, unexpiredPool } from './pool.ts';

export type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
export type { Pool } from './pool.ts';

/**
 * Settings of every session, whatever the server's defaults: times in UTC, an error instead of a truncated value, and idle
 * connections closed after a minute. The server closes them, because mysql2 (3.24) either keeps idle connections forever or,
 * with `maxIdle: 0`, closes each within a second.
 */
const BASE_SESSION = {
  time_zone: '+00:00',
  sql_mode:
    'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
  wait_timeout: 60,
} as const;

/** Time for a SELECT before its connection is destroyed; a hanging server would otherwise hold them all. */
const SELECT_TIMEOUT_MS = 20_000;

/**
 * Just before {@link select} gives up. Not as short as a request (8 s), after which the work goes on: what a slow machine has read by
 * then is kept for the next request, which would fail like the first otherwise.
 */
export const READ_LIMIT_MS = SELECT_TIMEOUT_MS - 500;

/**
 * Precedes a write of a function that otherwise reads: MariaDB's limit would end writes too. A comment to MySQL, whose limit is for
 * SELECT alone.
 */
export const WITHOUT_LIMIT = '/*M! SET STATEMENT max_statement_time = 0 FOR */ ';

export interface PoolSettings {
  readonly connectionLimit: number;
  /**
   * Milliseconds after which the server ends a SELECT. Otherwise a query whose caller has given up would continue. Default: no
   * limit. It is the same for each query of a session: one that {@link select} gives up sooner, as those of the proof, goes on until
   * then.
   */
  readonly readLimitMs?: number;
  /** Session variables in addition to the usual ones, or instead of them. */
  readonly session?: Readonly<Record<string, string | number>> & { readonly wait_timeout?: number };
  /** Allows one round trip to carry a transaction. Only for pools whose SQL is constant. */
  readonly multipleStatements?: boolean;
  /** Reads the password, again when the server refuses it, because it may be rotated; by default it is that of the settings. */
  readonly readPassword?: (() => Promise<string>) | undefined;
  /** Counts opened connections, and waits for one. */
  readonly metrics?: Metrics;
}

/** Errors that leave open whether a statement was executed, so only a read may be sent again. */
const CONNECTION_LOST = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
  // Sent by MySQL before it closes an idle connection; MariaDB only closes it.
  'ER_CLIENT_INTERACTION_TIMEOUT',
]);

/**
 * Opens a pool that connects at first use and drops idle connections, so an idle function holds none.
 * Decimals are returned as numbers, dates as `YYYY-MM-DD` and times as text in UTC.
 */
export function openPool(mysql: MysqlSettings, pool: PoolSettings): Pool {
  const { readPassword } = pool;
  if (mysql.MYSQL_AUTH === 'iam') return openPoolWith(undefined, mysql, pool);
  if (readPassword === undefined) return openPoolWith(mysql.MYSQL_PASSWORD, mysql, pool);
  return rotatingPool(readPassword, (current) => openPoolWith(current, mysql, pool));
}

function openPoolWith(password: string | undefined, mysql: MysqlSettings, pool: PoolSettings): Pool {
  const options: PoolOptions = {
    host: mysql.MYSQL_HOST,
    port: mysql.MYSQL_PORT,
    user: mysql.MYSQL_USER,
    database: mysql.MYSQL_DATABASE,
    ...(password === undefined ? {} : { password }),
    ...(mysql.MYSQL_AUTH === 'iam' ? { authPlugins: { mysql_clear_password: tokenPlugin(mysql) } } : {}),
    ...(mysql.MYSQL_TLS === 'verify' ? { ssl: verifiedTls(mysql.MYSQL_CA_FILE) } : {}),
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    dateStrings: true,
    decimalNumbers: true,
    connectTimeout: 5_000,
    connectionLimit: pool.connectionLimit,
    enableKeepAlive: true,
    multipleStatements: pool.multipleStatements ?? false,
    // `affectedRows` then counts only the rows that an insert changed.
    flags: ['-FOUND_ROWS'],
  };
  const opened = createPool(options);
  const session = { ...BASE_SESSION, ...pool.session };
  const assignments = Object.keys(session)
    .map((name) => `SESSION ${name} = ?`)
    .join(', ')
    .concat(pool.readLimitMs === undefined ? '' : limitOf(pool.readLimitMs));
  opened.pool.on('enqueue', () => pool.metrics?.record({ mysql_connection_waits: 1 }));
  // Queued on the new connection before the statements of its first user.
  opened.pool.on('connection', (connection) => {
    pool.metrics?.record({ mysql_connections_opened: 1 });
    connection.query(`SET ${assignments}`, Object.values(session), (error) => {
      if (error) connection.destroy();
    });
  });
  return unexpiredPool(opened, session.wait_timeout);
}

/** Each server executes one of the two and takes the other for a comment. */
function limitOf(milliseconds: number): string {
  return ` /*M! , SESSION max_statement_time = ${milliseconds / 1_000} */ /*!80000 , SESSION max_execution_time = ${milliseconds} */`;
}

/** RDS asks IAM users for a password in plain text, over TLS. mysql2 calls the plug-in for each new connection. */
function tokenPlugin({ MYSQL_HOST: host, MYSQL_PORT: port, MYSQL_USER: user }: MysqlSettings) {
  return iamAuthentication({ host, port, user });
}

/** TLS that checks the server's certificate and host name. */
function verifiedTls(caFile: string | undefined): NonNullable<Exclude<PoolOptions['ssl'], string>> {
  const authorities = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') };
  return { rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2', ...authorities };
}

/**
 * Runs a SELECT, a second time on a new connection if the first one turns out to be closed.
 *
 * @param timeoutMs After which the connection is destroyed; 20 s by default.
 * @throws the server's error, or a timeout.
 */
export async function select<Row>(
  pool: Pool,
  sql: string,
  values: readonly unknown[] = [],
  timeoutMs: number = SELECT_TIMEOUT_MS,
): Promise<Row[]> {
  try {
    return await run<Row>(pool, sql, values, timeoutMs);
  } catch (error) {
    if (!isConnectionLost(error)) throw error;
    return run<Row>(pool, sql, values, timeoutMs);
  }
}

async function run<Row>(
  pool: Pool,
  sql: string,
  values: readonly unknown[],
  timeoutMs: number,
): Promise<Row[]> {
  const connection = await pool.getConnection();
  try {
    const [rows] = await connection.query<RowDataPacket[]>({ sql, values: [...values], timeout: timeoutMs });
    connection.release();
    // What a row contains follows from the statement, so only the caller knows its type.
    return rows as Row[];
  } catch (error) {
    // After a timeout the result may still arrive; the next user of the connection must not get it.
    connection.destroy();
    throw error;
  }
}

/** Whether an error reports a broken connection, rather than a wrong statement. */
function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CONNECTION_LOST.has(String(error.code));
}
