import { randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import {
  type Migration,
  migrate,
  parseMigration,
  readMigrations,
} from '../../../../functions/migrate/migrations.ts';
import { createDatabaseIfMissing } from '../../../../infra/local/stores/stores.ts';
import { openPool, type Pool, type PoolConnection, select } from '../../../../shared/mysql/connection.ts';
import { withNamedLock } from '../../../../shared/mysql/named-lock.ts';
import { type MysqlSettings, mysqlSettings } from '../../../../shared/settings.ts';

const messages: string[] = [];
const log = {
  info: (message: unknown) => void messages.push(String(message)),
  warn: (message: unknown) => void messages.push(`warn: ${message}`),
};

let settings: MysqlSettings;
let pool: Pool;

beforeEach(async () => {
  messages.length = 0;
  const { mysql } = inject('servers');
  settings = mysqlSettings.parse({
    MYSQL_HOST: mysql.host,
    MYSQL_PORT: mysql.port,
    MYSQL_USER: mysql.user,
    MYSQL_PASSWORD: mysql.password,
    MYSQL_DATABASE: `migrations_${randomBytes(6).toString('hex')}`,
  });
  await createDatabaseIfMissing(settings);
  await createDatabaseIfMissing(settings);
  pool = openPool(settings, { connectionLimit: 2 });
});

afterEach(async () => {
  await pool.query(`DROP DATABASE ${settings.MYSQL_DATABASE}`);
  await pool.end();
});

const TABLE = parseMigration(
  '0001_table.sql',
  'CREATE TABLE IF NOT EXISTS a (b INT);\nINSERT IGNORE INTO a VALUES (1);\n',
);
const COLUMN = parseMigration(
  '0002_column.sql',
  'ALTER TABLE a ADD COLUMN c INT;\nALTER TABLE a ADD KEY c_key (c);\n',
);

describe('the schema of the project', () => {
  test('the schema is applied once, however often the migration runs', async () => {
    const schema = await readMigrations('data/schema');
    expect(await migrate(pool, schema, log)).toEqual(schema.map(({ name }) => name));
    const [before] = [await structure()];
    expect(await migrate(pool, schema, log)).toEqual([]);
    expect(await structure()).toEqual(before);
    expect(await records()).toEqual(
      schema.map(({ version, name, sha256 }) => ({ version, name, sha256, done: 1 })),
    );
  });

  test('an interrupted schema migration is completed, wherever it broke off', async () => {
    const schema = await readMigrations('data/schema');
    await migrate(pool, schema, log);
    const whole = await structure();
    // As after a crash in the middle of every file: not recorded as done, and the last thing it does is missing.
    await pool.query('UPDATE schema_migrations SET applied_at = NULL');
    for (const table of ['sales_facts', 'dead_letters', 'optuna_trials'])
      await pool.query(`DROP TABLE ${table}`);
    await pool.query('DELETE FROM writer_lock');
    await migrate(pool, schema, log);
    expect(await structure()).toEqual(whole);
    expect(await select(pool, 'SELECT name FROM writer_lock')).toEqual([{ name: 'kafka_events' }]);
  });

  test('the schema is applied once by processes that start at the same time', async () => {
    const schema = await readMigrations('data/schema');
    const pools = [1, 2, 3, 4].map(() => openPool(settings, { connectionLimit: 1 }));
    const applied = await Promise.all(pools.map((own) => migrate(own, schema, log)));
    await Promise.all(pools.map((own) => own.end()));
    expect(applied.toSorted((a, b) => b.length - a.length)).toEqual([
      schema.map(({ name }) => name),
      [],
      [],
      [],
    ]);
  });
});

describe('a migration', () => {
  test('a new migration is applied after the earlier ones', async () => {
    await migrate(pool, [TABLE], log);
    expect(await migrate(pool, [TABLE, COLUMN], log)).toEqual(['0002_column.sql']);
    expect(await select(pool, 'SELECT b, c FROM a')).toEqual([{ b: 1, c: null }]);
  });

  test('a migration that an older version of the code does not know is ignored', async () => {
    await migrate(pool, [TABLE, COLUMN], log);
    expect(await migrate(pool, [TABLE], log)).toEqual([]);
  });

  test('a migration that was changed after it had been applied stops everything, naming the file', async () => {
    await migrate(pool, [TABLE], log);
    const changed = parseMigration(TABLE.name, `${TABLE.sql}-- one more line\n`);
    await expect(migrate(pool, [changed, COLUMN], log)).rejects.toThrow(
      /^0001_table\.sql was changed after it had been applied/,
    );
    expect(await records()).toHaveLength(1);
  });

  test('a migration that can’t be repeated is still completed after a crash behind its first statement', async () => {
    await migrate(pool, [TABLE], log);
    await migrateAndCrashAfter(COLUMN, 'ALTER TABLE a ADD COLUMN c INT');
    expect(await migrate(pool, [TABLE, COLUMN], log)).toEqual(['0002_column.sql']);
    expect(messages).toContain(
      'warn: statement skipped: already applied before the migration was interrupted',
    );
    expect(await select(pool, "SHOW INDEX FROM a WHERE Key_name = 'c_key'")).toHaveLength(1);
  });

  test('a migration that repeats an earlier change, without a crash, fails', async () => {
    const again = parseMigration('0002_again.sql', 'ALTER TABLE a ADD COLUMN b INT;\n');
    await expect(migrate(pool, [TABLE, again], log)).rejects.toThrow(
      /^0002_again\.sql failed at "ALTER TABLE a ADD COLUMN b INT": Duplicate column/,
    );
  });

  test('an invalid migration fails, naming the file, and can be corrected and run again', async () => {
    const wrong = parseMigration('0002_wrong.sql', 'ALTER TABLE a ADD COLUMN d INTEGRE;\n');
    await expect(migrate(pool, [TABLE, wrong], log)).rejects.toThrow(
      /^0002_wrong\.sql failed at "ALTER TABLE/,
    );
    const mended = parseMigration('0002_wrong.sql', 'ALTER TABLE a ADD COLUMN d INTEGER;\n');
    expect(await migrate(pool, [TABLE, mended], log)).toEqual(['0002_wrong.sql']);
    expect((await records()).map(({ sha256 }) => sha256)).toEqual([TABLE.sha256, mended.sha256]);
  });
});

describe('a named lock', () => {
  test('a named lock keeps others of the same database out until its work is done or its connection breaks', async () => {
    const first = await pool.getConnection();
    const second = await pool.getConnection();
    const attempt = () => withNamedLock(second, 'work', 0, async () => 'done');
    await withNamedLock(first, 'work', 0, () =>
      expect(attempt()).rejects.toThrow('Another process has been working on "work"'),
    );
    expect(await attempt()).toBe('done');
    await expect(
      withNamedLock(first, 'work', 0, async () => {
        await kill(first, second);
        throw new Error('the work failed');
      }),
    ).rejects.toThrow('the work failed');
    expect(await withNamedLock(second, 'work', 60, async () => 'done')).toBe('done');
    first.release();
    second.release();
    expect(await select(pool, 'SELECT 1 AS alive')).toEqual([{ alive: 1 }]);
  });
});

async function kill(victim: PoolConnection, by: PoolConnection): Promise<void> {
  await by.query(`KILL ${victim.threadId}`);
}

/** Simulates a process killed after a statement: the migration is started but not finished. */
async function migrateAndCrashAfter(migration: Migration, statement: string): Promise<void> {
  await pool.query('INSERT INTO schema_migrations (version, name, sha256) VALUES (?, ?, ?)', [
    migration.version,
    migration.name,
    migration.sha256,
  ]);
  await pool.query(statement);
}

function records(): Promise<{ version: number; name: string; sha256: string; done: number }[]> {
  return select(
    pool,
    'SELECT version, name, sha256, applied_at IS NOT NULL AS done FROM schema_migrations ORDER BY version',
  );
}

/** Every column and index of the database. */
async function structure(): Promise<unknown> {
  const columns = await select(
    pool,
    `SELECT TABLE_NAME, COLUMN_NAME, COLUMN_TYPE, IS_NULLABLE, COLLATION_NAME FROM information_schema.COLUMNS
     WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, COLUMN_NAME`,
  );
  const indexes = await select(
    pool,
    `SELECT TABLE_NAME, INDEX_NAME, NON_UNIQUE, SEQ_IN_INDEX, COLUMN_NAME FROM information_schema.STATISTICS
     WHERE TABLE_SCHEMA = DATABASE() ORDER BY TABLE_NAME, INDEX_NAME, SEQ_IN_INDEX`,
  );
  return { columns, indexes };
}
