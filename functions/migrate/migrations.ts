import { setTimeout } from 'node:timers/promises';
import type { Pool, PoolConnection, RowDataPacket } from '../../shared/mysql/connection.ts';
import { withNamedLock } from '../../shared/mysql/named-lock.ts';
import { type Migration, MigrationError, statementsOf } from './migration-files.ts';

export {
  type Migration,
  MigrationError,
  parseMigration,
  readMigrations,
  statementsOf,
} from './migration-files.ts';

/** Receives progress; a logger of shared/observability fits. */
interface MigrationLog {
  info(message: string, fields: Record<string, string>): void;
  warn(message: string, fields: Record<string, string>): void;
}

/** Longer than another call waits for a table. */
const LOCK_SECONDS = 300;

/**
 * How long one attempt waits for a table that a transaction uses. Others can't even read the table meanwhile, so a statement
 * gives up early and is tried again.
 */
const TABLE_WAIT_SECONDS = 5;
const PAUSE_MS = 1_000;

/** How long all attempts together may take: loading a data set ends sooner. */
const TIMEOUT_MS = 240_000;

/**
 * Errors that mean that a change was already made: table exists, duplicate column, duplicate index, nothing to drop.
 * MySQL's ALTER TABLE has no `IF NOT EXISTS`.
 */
const ALREADY_DONE = new Set([
  'ER_TABLE_EXISTS_ERROR',
  'ER_DUP_FIELDNAME',
  'ER_DUP_KEYNAME',
  'ER_CANT_DROP_FIELD_OR_KEY',
]);

/**
 * Brings the schema up to date: each migration is applied once, in order, and recorded in `schema_migrations`. Several
 * processes may call this at the same time, and again after a crash in the middle of a file. MySQL commits after every DDL
 * statement, so an unfinished file runs again from its first statement, and changes it had already made are skipped.
 *
 * Recorded migrations that are not passed in (an older version of the code is running) are ignored.
 *
 * A data set may be loading meanwhile: its transaction keeps the tables that it has touched as they are until it ends, and the
 * statements that change them wait for that. Other tables are changed at once.
 *
 * @param timeoutMs After which tables that are still in use end the attempts; 4 minutes by default.
 * @returns the names of the files that this call applied.
 * @throws MigrationError if an applied file has changed, before anything is changed; or if a statement fails.
 */
export async function migrate(
  pool: Pool,
  migrations: readonly Migration[],
  log: MigrationLog,
  timeoutMs = TIMEOUT_MS,
): Promise<string[]> {
  const connection = await pool.getConnection();
  try {
    return await withNamedLock(connection, 'schema', LOCK_SECONDS, () =>
      applyPending(connection, migrations, { log, deadline: performance.now() + timeoutMs }),
    );
  } finally {
    connection.release();
  }
}

interface Progress {
  readonly log: MigrationLog;
  /** By `performance.now()`: when no further attempt is made. */
  readonly deadline: number;
}

async function applyPending(
  connection: PoolConnection,
  migrations: readonly Migration[],
  progress: Progress,
): Promise<string[]> {
  const recorded = await readRecords(connection);
  const pending = migrations.filter((migration) => !isApplied(migration, recorded.get(migration.version)));
  for (const migration of pending) {
    await apply(connection, migration, { resumed: recorded.has(migration.version), ...progress });
    progress.log.info('migration applied', { migration: migration.name });
  }
  return pending.map((migration) => migration.name);
}

interface MigrationRecord {
  readonly name: string;
  readonly sha256: string;
  /** Null while it is running, or if it never finished. */
  readonly appliedAt: string | null;
}

async function readRecords(connection: PoolConnection): Promise<Map<number, MigrationRecord>> {
  await connection.query(`CREATE TABLE IF NOT EXISTS schema_migrations (
    version INT UNSIGNED NOT NULL PRIMARY KEY,
    name VARCHAR(255) NOT NULL,
    sha256 CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    started_at DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    applied_at DATETIME(3) NULL
  ) ENGINE = InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`);
  const [rows] = await connection.query<RowDataPacket[]>(
    'SELECT version, name, sha256, applied_at AS appliedAt FROM schema_migrations',
  );
  return new Map(
    rows.map((row) => [row.version, { name: row.name, sha256: row.sha256, appliedAt: row.appliedAt }]),
  );
}

/** @throws MigrationError if another text was applied under this number. */
function isApplied(migration: Migration, record: MigrationRecord | undefined): boolean {
  if (record === undefined || record.appliedAt === null) return false;
  if (record.sha256 === migration.sha256) return true;
  throw new MigrationError(
    `${migration.name} was changed after it had been applied (as ${record.name}, ${record.appliedAt} UTC). ` +
      'Restore its text and put the change into a new file.',
  );
}

async function apply(
  connection: PoolConnection,
  migration: Migration,
  { resumed, log, deadline }: Progress & { readonly resumed: boolean },
): Promise<void> {
  await connection.query(
    `INSERT INTO schema_migrations (version, name, sha256) VALUES (?, ?, ?)
     ON DUPLICATE KEY UPDATE name = ?, sha256 = ?`,
    [migration.version, migration.name, migration.sha256, migration.name, migration.sha256],
  );
  for (const statement of statementsOf(migration.sql)) {
    try {
      await execute(connection, statement, deadline);
    } catch (error) {
      if (!(resumed && isAlreadyDone(error))) throw statementFailed(migration, statement, error);
      log.warn('statement skipped: already applied before the migration was interrupted', {
        migration: migration.name,
        statement,
      });
    }
  }
  await connection.query('UPDATE schema_migrations SET applied_at = CURRENT_TIMESTAMP(3) WHERE version = ?', [
    migration.version,
  ]);
}

/**
 * Executes a statement, as often as the tables it changes are in use: a data set may be loading, in one transaction.
 *
 * @throws the server's error; also if the tables are in use until the deadline.
 */
async function execute(connection: PoolConnection, statement: string, deadline: number): Promise<void> {
  // Of the whole server 24 hours or more.
  await connection.query('SET SESSION lock_wait_timeout = ?', [TABLE_WAIT_SECONDS]);
  try {
    for (;;) {
      try {
        await connection.query(statement);
        return;
      } catch (error) {
        if (!isInUse(error) || performance.now() > deadline) throw error;
        await setTimeout(PAUSE_MS);
      }
    }
  } finally {
    // If the connection is broken, the statement's own error is the one to report.
    await connection.query('SET SESSION lock_wait_timeout = DEFAULT').catch(() => connection.destroy());
  }
}

/** MySQL and MariaDB report tables and rows that are in use by the same error. */
function isInUse(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ER_LOCK_WAIT_TIMEOUT';
}

function isAlreadyDone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && ALREADY_DONE.has(String(error.code));
}

function statementFailed(migration: Migration, statement: string, cause: unknown): MigrationError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  const [firstLine] = statement.split('\n');
  return new MigrationError(
    `${migration.name} failed at "${firstLine}": ${reason}. Correct it and start again.`,
    cause,
  );
}
