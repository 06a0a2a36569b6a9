import { readFileSync } from 'node:fs';
import { createPool, type PoolOptions, type RowDataPacket } from 'mysql2/promise';
import * as z from 'zod';
import { secretReader } from '../aws/secrets.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { MysqlSettings } from '../settings.ts';
import { type Pool, rotatingPool, unexpiredPool } from './pool.ts';

export type { PoolConnection, ResultSetHeader, RowDataPacket } from 'mysql2/promise';
export type { Pool } from './pool.ts';

/**
 * What every session is set to, whatever the server's defaults: times in UTC, an error instead of a truncated value, and
 * an end to a connection that nobody has used for a minute. The server ends it, because mysql2 (3.24) either keeps idle
 * connections for good or, where none may be idle, closes every one within a second.
 */
const BASE_SESSION = {
  time_zone: '+00:00',
  sql_mode:
    'STRICT_ALL_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE,ERROR_FOR_DIVISION_BY_ZERO,NO_ENGINE_SUBSTITUTION',
  wait_timeout: 60,
} as const;

export interface PoolSettings {
  readonly connectionLimit: number;
  /** Session variables beside the usual ones, or in their place. */
  readonly session?: Readonly<Record<string, string | number>> & { readonly wait_timeout?: number };
  /** Lets one round trip carry a whole transaction. Only for pools whose SQL is fixed text. */
  readonly multipleStatements?: boolean;
  /** Is told of connections that are opened, and of waits for one. */
  readonly metrics?: Metrics;
}

/** Errors after which nothing was executed or nothing can be known, so that only a read may be sent again. */
const CONNECTION_LOST = new Set([
  'PROTOCOL_CONNECTION_LOST',
  'ECONNRESET',
  'EPIPE',
  // MySQL's last words to a connection that has idled for too long; MariaDB just closes it.
  'ER_CLIENT_INTERACTION_TIMEOUT',
]);

/**
 * Opens a pool that connects when it is first used and lets go of idle connections, so that an idle function holds none, nor
 * uses one that the server has ended.
 * Decimals arrive as numbers, dates as `YYYY-MM-DD` and times as text in UTC.
 */
export function openPool(mysql: MysqlSettings, pool: PoolSettings): Pool {
  const { MYSQL_SECRET_ARN: secretArn, MYSQL_PASSWORD: password } = mysql;
  if (secretArn === undefined) return openPoolWith(password, mysql, pool);
  const readSecret = secretReader(secretArn);
  return rotatingPool(
    async () => passwordOf(await readSecret()),
    (current) => openPoolWith(current, mysql, pool),
  );
}

const databaseSecret = z.object({ password: z.string().min(1) });

/** @throws Error that doesn't repeat the secret. */
function passwordOf(secret: string): string {
  try {
    return databaseSecret.parse(JSON.parse(secret)).password;
  } catch {
    throw new Error('The secret of MYSQL_SECRET_ARN is no JSON object with a "password".');
  }
}

function openPoolWith(password: string | undefined, mysql: MysqlSettings, pool: PoolSettings): Pool {
  const options: PoolOptions = {
    host: mysql.MYSQL_HOST,
    port: mysql.MYSQL_PORT,
    user: mysql.MYSQL_USER,
    database: mysql.MYSQL_DATABASE,
    ...(password === undefined ? {} : { password }),
    ...(mysql.MYSQL_TLS === 'verify' ? { ssl: verifiedTls(mysql.MYSQL_CA_FILE) } : {}),
    charset: 'utf8mb4_bin',
    timezone: 'Z',
    dateStrings: true,
    decimalNumbers: true,
    connectTimeout: 5_000,
    connectionLimit: pool.connectionLimit,
    enableKeepAlive: true,
    multipleStatements: pool.multipleStatements ?? false,
    // `affectedRows` then counts what an insert really changed.
    flags: ['-FOUND_ROWS'],
  };
  const opened = createPool(options);
  const session = { ...BASE_SESSION, ...pool.session };
  const assignments = Object.keys(session)
    .map((name) => `SESSION ${name} = ?`)
    .join(', ');
  opened.pool.on('enqueue', () => pool.metrics?.record({ mysql_connection_waits: 1 }));
  // Queued on the new connection before anything its first user sends.
  opened.pool.on('connection', (connection) => {
    pool.metrics?.record({ mysql_connections_opened: 1 });
    connection.query(`SET ${assignments}`, Object.values(session), (error) => {
      if (error) connection.destroy();
    });
  });
  return unexpiredPool(opened, session.wait_timeout);
}

/** How long a SELECT may take before its connection is given up; otherwise a server that hangs would keep them all. */
const SELECT_TIMEOUT_MS = 20_000;

/** TLS with a server whose certificate is signed by a known authority, and made out for the host that was called. */
function verifiedTls(caFile: string | undefined): NonNullable<Exclude<PoolOptions['ssl'], string>> {
  const authorities = caFile === undefined ? {} : { ca: readFileSync(caFile, 'utf8') };
  return { rejectUnauthorized: true, verifyIdentity: true, minVersion: 'TLSv1.2', ...authorities };
}

/**
 * Runs a SELECT. A pooled connection that the server has closed meanwhile fails on its next use; a read may safely be
 * sent once more on a fresh one.
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
    return rows as Row[];
  } catch (error) {
    // After a timeout the answer may still come; nobody else may get it.
    connection.destroy();
    throw error;
  }
}

/** Whether an error says that the connection broke, rather than that the statement was wrong. */
function isConnectionLost(error: unknown): boolean {
  return error instanceof Error && 'code' in error && CONNECTION_LOST.has(String(error.code));
}
