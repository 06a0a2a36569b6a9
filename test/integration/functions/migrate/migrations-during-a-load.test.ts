/** A deployment applies migrations while a data set loads: neither may fail, and nobody else may wait for long. */
import { PassThrough } from 'node:stream';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openRowSpool, type RowSpool, replaceDataset } from '../../../../functions/etl/replace-dataset.ts';
import { migrate, parseMigration, readMigrations } from '../../../../functions/migrate/migrations.ts';
import { checkDataset } from '../../../../shared/dataset/check-dataset.ts';
import { type Pool, select } from '../../../../shared/mysql/connection.ts';
import { datasetLines, datasetOf, textOf } from '../../../support/datasets.ts';
import { type FreshDatabase, freshDatabase } from '../../../support/stores.ts';

const SILENT = { info: () => {}, warn: () => {} };
const ROWS = 300;

/** Changes a table that the load has touched. */
const OF_THE_LOAD = parseMigration('9001_facts.sql', 'ALTER TABLE sales_facts ADD COLUMN margin INT NULL;\n');
/** Changes a table that it never touches. */
const OF_OTHERS = parseMigration('9002_trials.sql', 'ALTER TABLE optuna_trials ADD COLUMN note INT NULL;\n');

let database: FreshDatabase;
let pool: Pool;

beforeEach(async () => {
  database = await freshDatabase();
  pool = database.open({ connectionLimit: 6 });
});

afterEach(async () => {
  await pool.query(`DROP DATABASE ${database.settings.MYSQL_DATABASE}`);
  await pool.end();
});

interface RunningLoad {
  /** Lets it read its last rows and commit. */
  finish(): Promise<void>;
}

/** Starts to load a data set, up to the middle of its transaction. */
async function startLoad(): Promise<RunningLoad> {
  const spool = await openRowSpool();
  const dataset = datasetOf(textOf(datasetLines(3)));
  const checked = await checkDataset(dataset, (rows) => spool.write(rows));
  const { paused, isReading, resume } = pausedSpool(spool);
  const connection = await pool.getConnection();
  const loading = replaceDataset(connection, { ...checked, fileName: 'test.csv' }, paused);
  await Promise.race([isReading, loading]);
  return {
    async finish() {
      resume();
      await loading.finally(() => connection.release());
      await spool.close();
    },
  };
}

/** A spool that delivers its rows only when a test asks. */
function pausedSpool(spool: RowSpool) {
  const reading = Promise.withResolvers<void>();
  const resumed = Promise.withResolvers<void>();
  const paused: RowSpool = {
    ...spool,
    read() {
      const rows = new PassThrough();
      void resumed.promise.then(() => spool.read().pipe(rows));
      reading.resolve();
      return rows;
    },
  };
  return { paused, isReading: reading.promise, resume: resumed.resolve };
}

async function columnsOf(table: string): Promise<string[]> {
  const rows = await select<{ name: string }>(
    pool,
    `SELECT COLUMN_NAME AS name FROM information_schema.COLUMNS WHERE TABLE_SCHEMA = DATABASE() AND TABLE_NAME = '${table}'`,
  );
  return rows.map(({ name }) => name);
}

describe('a deployment while a data set loads', () => {
  test('a deployment without new migrations does not wait for the load', async () => {
    const load = await startLoad();
    expect(await migrate(pool, await readMigrations('data/schema'), SILENT)).toEqual([]);
    await load.finish();
  });

  test('a table that the load does not touch is changed while it runs', async () => {
    const load = await startLoad();
    expect(await migrate(pool, [OF_OTHERS], SILENT)).toEqual([OF_OTHERS.name]);
    expect(await columnsOf('optuna_trials')).toContain('note');
    await load.finish();
  });

  test('a table that the load is filling is changed after its commit, and every row is kept', async () => {
    const load = await startLoad();
    const migrating = migrate(pool, [OF_THE_LOAD, OF_OTHERS], SILENT);
    expect(await Promise.race([migrating, setTimeout(500, 'waiting')])).toBe('waiting');
    await load.finish();
    expect(await migrating).toEqual([OF_THE_LOAD.name, OF_OTHERS.name]);
    expect(await columnsOf('sales_facts')).toContain('margin');
    expect(await select(pool, 'SELECT COUNT(*) AS amount FROM sales_facts')).toEqual([{ amount: ROWS }]);
  });

  test('a migration that waits for a load keeps readers of the table waiting for seconds only', async () => {
    const load = await startLoad();
    const migrating = migrate(pool, [OF_THE_LOAD], SILENT);
    await setTimeout(500);
    const begun = performance.now();
    // Sees the tables as they were before the load.
    expect(await select(pool, 'SELECT COUNT(*) AS amount FROM sales_facts')).toEqual([{ amount: 0 }]);
    expect(performance.now() - begun).toBeLessThan(15_000);
    await load.finish();
    expect(await migrating).toEqual([OF_THE_LOAD.name]);
  });

  test('a migration that waits too long fails, naming its statement, and the load is unharmed', async () => {
    const load = await startLoad();
    await expect(migrate(pool, [OF_THE_LOAD], SILENT, 0)).rejects.toThrow(
      /^9001_facts\.sql failed at "ALTER TABLE sales_facts .*Lock wait timeout/,
    );
    await load.finish();
    expect(await select(pool, 'SELECT COUNT(*) AS amount FROM sales_facts')).toEqual([{ amount: ROWS }]);
    expect(await migrate(pool, [OF_THE_LOAD], SILENT)).toEqual([OF_THE_LOAD.name]);
  });

  test('a load that begins while a migration waits is not held up by it', async () => {
    const first = await startLoad();
    const migrating = migrate(pool, [OF_THE_LOAD], SILENT);
    await setTimeout(500);
    await first.finish();
    const second = await startLoad();
    await second.finish();
    expect(await migrating).toEqual([OF_THE_LOAD.name]);
    expect(await select(pool, 'SELECT COUNT(*) AS amount FROM sales_facts')).toEqual([{ amount: ROWS }]);
  });
});
