import { execFile } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import type { Pool } from '../../../shared/mysql/connection.ts';
import { type FreshDatabase, freshDatabase } from '../../support/stores.ts';
import type { Bench } from '../bench.ts';
import { datasetFile } from '../bench-system.ts';

const LARGE = 10;
const ETL = fileURLToPath(new URL('../../support/etl-process.ts', import.meta.url));

export const load: Bench = {
  row: 'load',
  what: 'CSV → MySQL, 73,100 rows and ten times as many, against raw `LOAD DATA` of the same file into a table of the same form',
  figures: {
    small: { what: '73,100 rows, of raw `LOAD DATA`', unit: '×', goal: { below: 4 } },
    large: { what: '731,000 rows, of raw `LOAD DATA`', unit: '×', goal: { below: 4 } },
    memory: {
      what: 'peak memory with ten times the rows, of that with 73,100',
      unit: '×',
      goal: { below: 1.5 },
    },
    seconds: { what: '73,100 rows', unit: 's' },
    secondsLarge: { what: '731,000 rows', unit: 's' },
    megabytes: { what: 'peak memory with 731,000 rows', unit: 'MB' },
    replaced: {
      what: '73,100 rows in the place of others, of a raw `DELETE` and `LOAD DATA` in one transaction',
      unit: '×',
    },
    replacedLoad: { what: '73,100 rows in the place of others, of raw `LOAD DATA` alone', unit: '×' },
  },
  async open({ servers, directory }) {
    const small = await datasetFile(directory);
    const large = await datasetFile(directory, LARGE);
    const database = await freshDatabase(servers.addresses);
    const pool = database.open({ connectionLimit: 1 });
    return {
      async round() {
        await emptyTables(pool);
        const rawSmall = await rawLoad(pool, small);
        const first = await etl(database, small);
        await emptyTables(pool);
        const rawLarge = await rawLoad(pool, large);
        const second = await etl(database, large);
        await emptyTables(pool);
        const { replaced, raw } = await replacement(database, pool, small);
        return {
          small: first.seconds / rawSmall,
          large: second.seconds / rawLarge,
          memory: second.peakMb / first.peakMb,
          seconds: first.seconds,
          secondsLarge: second.seconds,
          megabytes: second.peakMb,
          replaced: replaced / raw,
          replacedLoad: replaced / rawSmall,
        };
      },
      close: () => pool.end(),
    };
  },
};

/** Reloads the same rows: a data set counts as another one if the table of data sets doesn't name it. */
async function replacement(database: FreshDatabase, pool: Pool, file: string) {
  await etl(database, file);
  await pool.query('DELETE FROM datasets');
  const { seconds: replaced } = await etl(database, file);
  await createRawTable(pool);
  await loadInto(pool, file);
  const begun = performance.now();
  const connection = await pool.getConnection();
  await connection.query('START TRANSACTION');
  await connection.query('DELETE FROM raw_facts');
  await connection.query({ sql: RAW_LOAD, infileStreamFactory: () => createReadStream(file) });
  await connection.query('COMMIT');
  connection.release();
  const raw = (performance.now() - begun) / 1_000;
  await dropRawTable(pool);
  return { replaced, raw };
}

async function emptyTables(pool: Pool): Promise<void> {
  for (const table of ['sales_facts', 'stores', 'products', 'calendar', 'datasets']) {
    await pool.query(`TRUNCATE TABLE ${table}`);
  }
}

const report = z.object({ rows: z.int(), seconds: z.number(), peakMb: z.number() });

/** Runs the ETL in a process of its own, not counting its start. */
async function etl({ settings }: FreshDatabase, file: string): Promise<z.infer<typeof report>> {
  // A large young generation would hide how much memory is retained.
  const program = ['--max-semi-space-size=4', ETL, JSON.stringify(settings), file];
  const { stdout } = await promisify(execFile)(process.execPath, program);
  return report.parse(JSON.parse(stdout));
}

/** @returns seconds. */
async function rawLoad(pool: Pool, file: string): Promise<number> {
  await createRawTable(pool);
  const begun = performance.now();
  await loadInto(pool, file);
  const seconds = (performance.now() - begun) / 1_000;
  await dropRawTable(pool);
  return seconds;
}

const RAW_LOAD = `LOAD DATA LOCAL INFILE 'data set' INTO TABLE raw_facts CHARACTER SET utf8mb4
  FIELDS TERMINATED BY ',' IGNORE 1 LINES
  (date, store_id, product_id, category, region, inventory_level, units_sold, units_ordered, demand_forecast, price,
   discount, weather_condition, is_holiday_promo, competitor_pricing, seasonality)`;

async function loadInto(pool: Pool, file: string): Promise<void> {
  await pool.query({ sql: RAW_LOAD, infileStreamFactory: () => createReadStream(file) });
}

async function createRawTable(pool: Pool): Promise<void> {
  await pool.query('CREATE TABLE raw_facts LIKE sales_facts');
}

async function dropRawTable(pool: Pool): Promise<void> {
  await pool.query('DROP TABLE raw_facts');
}
