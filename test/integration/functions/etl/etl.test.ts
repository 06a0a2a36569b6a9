import { execFile } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { promisify } from 'node:util';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { writeDatasetFile } from '../../../../data/generate.ts';
import {
  type EtlDependencies,
  type EtlResult,
  LOADING_SESSION,
  runEtl,
} from '../../../../functions/etl/etl.ts';
import { openRowSpool, replaceDataset } from '../../../../functions/etl/replace-dataset.ts';
import { checkDataset } from '../../../../shared/dataset/check-dataset.ts';
import { DATASET_COLUMNS } from '../../../../shared/dataset/columns.ts';
import { readCsv } from '../../../../shared/dataset/csv-records.ts';
import { type Dataset, dataset, openDataset } from '../../../../shared/dataset/open-dataset.ts';
import type { DatasetSettings } from '../../../../shared/dataset/settings.ts';
import { type Pool, select } from '../../../../shared/mysql/connection.ts';
import type { SimulationStore } from '../../../../shared/simulation/store.ts';
import { datasetLines, datasetOf, textOf, withField } from '../../../support/datasets.ts';
import { eventually } from '../../../support/eventually.ts';
import { type FreshDatabase, freshDatabase, freshStore } from '../../../support/stores.ts';

type Registration = Parameters<SimulationStore['register']>[0];

const GOLDEN = openDataset({ kind: 'file', path: 'test/golden/dataset.csv.gz' });
const lines = datasetLines(3);
const good = datasetOf(textOf(lines));
const other = datasetOf(textOf(datasetLines(5, 2)));

let database: FreshDatabase;
let pool: Pool;
let registered: Registration[];
let logged: string[];

beforeEach(async () => {
  database = await freshDatabase();
  pool = database.open({ connectionLimit: 4, session: LOADING_SESSION });
  registered = [];
  logged = [];
});
afterEach(async () => {
  await pool.query(`DROP DATABASE ${database.settings.MYSQL_DATABASE}`);
  await pool.end();
});

/** A run of the ETL whose registrations are remembered. */
function etl(source: Dataset, dependencies: Partial<EtlDependencies> = {}): Promise<EtlResult> {
  return runEtl(
    {
      pool,
      store: {
        register: async (calendar) => {
          registered.push(calendar);
          return { startedRun: true, totalDays: calendar.dates.length };
        },
      },
      log: { info: (message) => void logged.push(message) },
      now: () => performance.now(),
      ...dependencies,
    },
    source,
  );
}

/** Everything that a load could change, by table. */
async function tables(): Promise<Record<string, unknown[]>> {
  const keys = { sales_facts: '1, 2, 3', stores: '1', products: '1', calendar: '1', datasets: '1' };
  const contents = Object.entries(keys).map(async ([name, key]) => {
    return [name, await select(pool, `SELECT * FROM ${name} ORDER BY ${key}`)] as const;
  });
  return Object.fromEntries(await Promise.all(contents));
}

describe('a good file', () => {
  test('a good file is loaded value by value, and its dates are registered', async () => {
    const result = await etl(good);
    expect(result).toMatchObject({ status: 'loaded', rows: 300, days: 3, startedRun: true });
    expect(await storedRows()).toEqual(await fileRows(good));
    expect(registered).toEqual([
      {
        dates: ['2022-01-01', '2022-01-02', '2022-01-03'],
        salesPerDay: [100, 100, 100],
        dataSet: result.sha256,
      },
    ]);
    expect(await select(pool, 'SELECT sha256, file_name, row_count, day_count FROM datasets')).toEqual([
      { sha256: result.sha256, file_name: 'test.csv', row_count: 300, day_count: 3 },
    ]);
    expect(logged).toEqual(['data set checked, loading it', 'data set loaded']);
  });

  test('a file loaded again changes nothing, but registers its dates again, as the first load may have died before', async () => {
    const store = { register: () => Promise.reject(new Error('table throttled')) };
    await expect(etl(good, { store })).rejects.toThrow('table throttled');
    const before = await tables();
    const again = await etl(good);
    expect(again).toMatchObject({ status: 'unchanged', rows: 300, days: 3 });
    expect(await tables()).toEqual(before);
    await etl(other);
    await etl(good);
    expect(registered[2]).toEqual(registered[0]);
  });

  test('a file replaces the previous one completely', async () => {
    await etl(good);
    const { sha256 } = await etl(other);
    expect(await storedRows()).toEqual(await fileRows(other));
    expect(await select(pool, 'SELECT COUNT(*) AS days, MAX(date) AS last FROM calendar')).toEqual([
      { days: 5, last: '2022-01-05' },
    ]);
    expect(await select(pool, 'SELECT sha256 FROM datasets ORDER BY id DESC LIMIT 1')).toEqual([{ sha256 }]);
  });

  test('a file may contain any text that fits its column', async () => {
    const labels = [
      'NULL',
      '\\N',
      '\\',
      'a\\tb',
      '雑貨 🌻',
      "'; DROP TABLE stores; --",
      'a""b',
      'x'.repeat(50),
    ];
    const odd = lines.map((line, index) => {
      const label = labels[index - 1];
      return label === undefined ? line : line.split(',').with(3, `"${label}"`).join(',');
    });
    await etl(datasetOf(`\ufeff${odd.join('\r\n')}`));
    const stored = await select<{ category: string }>(
      pool,
      "SELECT category FROM sales_facts WHERE date = '2022-01-01' AND store_id = 'S001' ORDER BY product_id LIMIT ?",
      [labels.length],
    );
    expect(stored.map(({ category }) => category)).toEqual(
      labels.map((label) => label.replaceAll('""', '"')),
    );
  });

  test('a file may have its rows in any order', async () => {
    const [header = '', ...rows] = lines;
    await etl(datasetOf(textOf([header, ...rows.toReversed()])));
    expect(await storedRows()).toEqual(await fileRows(good));
    expect(registered[0]?.dates).toEqual(['2022-01-01', '2022-01-02', '2022-01-03']);
  });

  test('the recorded data set, a file of the real size, is loaded unchanged', async () => {
    expect(await etl(GOLDEN)).toMatchObject({
      status: 'loaded',
      rows: 73_100,
      days: 731,
      sha256: '687448e20d5e1760cc0a133bca825632592b43a4d0354192295aa336613d83d3',
    });
    expect(registered[0]?.dates).toHaveLength(731);
    expect(registered[0]?.salesPerDay).toEqual(new Array(731).fill(100));
    const expected = await fileRows(GOLDEN);
    expect(await storedRows()).toEqual(expected);
    expect(await dimension('stores', 'store_id, region')).toEqual(firstPerKey(expected, 1, [4]));
    expect(await dimension('products', 'product_id, category')).toEqual(firstPerKey(expected, 2, [3]));
    expect(await dimension('calendar', 'date, weather_condition, is_holiday_promo, seasonality')).toEqual(
      firstPerKey(expected, 0, [11, 12, 14]),
    );
  });
});

describe('a mapped file', () => {
  /** Lines of three days, two stores and two products, several for each, in no order. */
  function shuffledLines(): string {
    const all = Array.from({ length: 1_200 }, (_, index) => {
      const [day, store, product] = [1 + (index % 3), index % 2, (index >> 1) % 2];
      const units = index % 10 === 9 ? -1 : 1 + (index % 4);
      return `0${day}/13/2022,Store ${store},店舗 ${product},${units},${(units * (2 + product)).toFixed(2)},0.5`;
    });
    // 463 and 1,200 have no common divisor, so this is a permutation.
    const shuffled = all.map((_, index) => all[(index * 463) % all.length]);
    return `When,Where,What,Pieces,Paid,Off\n${shuffled.join('\n')}\n`;
  }

  test('lines of a day, store and product add up whatever their order, with returns deducted', async () => {
    const text = shuffledLines();
    const mapped = dataset(
      'lines.csv',
      async () => Readable.from([Buffer.from(text)]),
      async () => ({
        columns: {
          date: 'When',
          store: 'Where',
          product: 'What',
          units: 'Pieces',
          price: { amount: 'Paid', net: true },
          discount: 'Off',
        },
        returns: 'net' as const,
      }),
    );
    const result = await etl(mapped);
    expect(result).toMatchObject({ status: 'loaded', rows: 12, days: 3 });
    expect(result.notices).toContain('1,200 lines add up to 12 sales of a day, store and product.');
    const rows = await select<{
      date: string;
      store_id: string;
      product_id: string;
      units_sold: number;
      price: number;
      discount: number;
    }>(
      pool,
      'SELECT date, store_id, product_id, units_sold, price, discount, region, inventory_level FROM sales_facts ORDER BY 1, 2, 3',
    );
    const expected = new Map<string, number>();
    for (const line of text.trim().split('\n').slice(1)) {
      const [when = '', where, what, pieces] = line.split(',');
      const key = `2022-0${when[1]}-13 ${where} ${what}`;
      expected.set(key, (expected.get(key) ?? 0) + Number(pieces));
    }
    expect(
      new Map(rows.map((row) => [`${row.date} ${row.store_id} ${row.product_id}`, row.units_sold])),
    ).toEqual(expected);
    for (const row of rows) {
      expect(row).toMatchObject({
        price: row.product_id === '店舗 0' ? 4 : 6,
        discount: 50,
        region: null,
        inventory_level: null,
      });
    }
    expect(registered[0]?.salesPerDay).toEqual([4, 4, 4]);
  });

  test('the same file with other settings is another data set', async () => {
    const source = (settings: DatasetSettings) =>
      dataset(
        'shop.csv',
        async () => Readable.from([Buffer.from('Date,Store,Product,Units,Price\n03/04/2022,A,x,1,2\n')]),
        async () => settings,
      );
    await etl(source({ dateFormat: 'dmy' }));
    expect(await etl(source({ dateFormat: 'dmy' }))).toMatchObject({ status: 'unchanged' });
    expect(await etl(source({ dateFormat: 'mdy' }))).toMatchObject({ status: 'loaded' });
    expect(registered.at(-1)?.dates).toEqual(['2022-03-04']);
  });
});

describe('a bad file', () => {
  test.each([
    ['a value that is not a number', withField(lines, 250, 9, 'abc'), 'line 250, Price: "abc" must be'],
    ['a value too large for its column', withField(lines, 250, 6, '2147483648'), 'line 250, Units Sold'],
    ['a repeated row', textOf([...lines, lines[7] ?? '']), 'line 302 repeats'],
    ['a truncated row', textOf(lines).slice(0, -40), 'line 301 has'],
    ['another header', textOf(lines.with(0, 'Date,Shop')), 'line 1 has no column "Store ID" or "Store"'],
    ['no content', '', 'the file has no rows'],
  ])('a file with %s is refused, and the tables are unchanged', async (_, text, reason) => {
    await etl(other);
    const before = await tables();
    registered = [];
    await expect(etl(datasetOf(text))).rejects.toThrow(reason);
    expect(await tables()).toEqual(before);
    expect(registered).toEqual([]);
  });

  test('a file that changes while it is read is refused, and the tables are unchanged', async () => {
    await etl(other);
    const before = await tables();
    const growing = datasetOf(textOf(lines.slice(0, 201)), textOf(lines));
    await expect(etl(growing)).rejects.toThrow('test.csv changed while it was being read');
    expect(await tables()).toEqual(before);
  });
});

describe('a load that is interrupted', () => {
  test('a connection that ends after half of the rows leaves the tables unchanged', async () => {
    await etl(other);
    const before = await tables();
    const killer = database.open();
    const victim = await pool.getConnection();
    const spool = await openRowSpool();
    const checked = await checkDataset(good, spool.write);
    const text = (await spool.read().toArray()).join('');
    const halfThenKilled = async function* () {
      yield Buffer.from(text.slice(0, text.length / 2));
      await untilRowsArrived(killer, victim.threadId);
      await killer.query(`KILL ${victim.threadId}`);
      yield Buffer.from(text.slice(text.length / 2));
    };
    const broken = { ...spool, read: () => Readable.from(halfThenKilled()) };
    await expect(replaceDataset(victim, { ...checked, fileName: 'x' }, broken)).rejects.toThrow();
    victim.release();
    await killer.end();
    expect(await tables()).toEqual(before);
    await spool.close();
    expect(await etl(good)).toMatchObject({ status: 'loaded', rows: 300 });
  });

  test('an error of the spool leaves the tables unchanged', async () => {
    await etl(other);
    const before = await tables();
    const spool = await openRowSpool();
    const checked = await checkDataset(good, spool.write);
    const failing = async function* () {
      yield* (await spool.read().toArray()).slice(0, 1);
      throw new Error('the disk is gone');
    };
    const connection = await pool.getConnection();
    const broken = { ...spool, read: () => Readable.from(failing()) };
    await expect(replaceDataset(connection, { ...checked, fileName: 'x' }, broken)).rejects.toThrow(
      'the disk is gone',
    );
    connection.release();
    await spool.close();
    expect(await tables()).toEqual(before);
  });

  test('a server that would drop or change a row leaves the tables unchanged', async () => {
    await etl(other);
    const before = await tables();
    const spool = await openRowSpool();
    const checked = await checkDataset(good, spool.write);
    const text = (await spool.read().toArray()).join('');
    const twice = { ...spool, read: () => Readable.from([Buffer.from(text + text)]) };
    const connection = await pool.getConnection();
    await expect(replaceDataset(connection, { ...checked, fileName: 'x' }, twice)).rejects.toThrow(
      /^Of 300 checked rows the server took 300, with 300 warnings, first "Duplicate entry/,
    );
    connection.release();
    await spool.close();
    expect(await tables()).toEqual(before);
  });
});

describe('two loads at once', () => {
  test('two loads of the same file at once load it once', async () => {
    const results = await Promise.all([etl(good), etl(good)]);
    expect(results.map(({ status }) => status).toSorted()).toEqual(['loaded', 'unchanged']);
    expect(await storedRows()).toEqual(await fileRows(good));
    expect(registered).toHaveLength(2);
    expect(registered[0]).toEqual(registered[1]);
  });

  test('two loads of different files at once run one after the other, and the last one registers last', async () => {
    await Promise.all([etl(good), etl(other)]);
    const [newest] = await select<{ sha256: string; rows: number }>(
      pool,
      'SELECT sha256, row_count AS `rows` FROM datasets ORDER BY id DESC LIMIT 1',
    );
    expect(registered).toHaveLength(2);
    expect(registered[1]?.dataSet).toBe(newest?.sha256);
    expect(await select(pool, 'SELECT COUNT(*) AS `rows` FROM sales_facts')).toEqual([
      { rows: newest?.rows },
    ]);
  });
});

describe('the memory of a load', () => {
  let directory: string;
  beforeAll(async () => {
    directory = await mkdtemp(join(tmpdir(), 'etl-'));
  });
  afterAll(() => rm(directory, { recursive: true }));

  test('the memory of a load does not grow with ten times as many rows', async () => {
    const once = await loadInProcess(1);
    const tenTimes = await loadInProcess(10);
    expect([once.rows, tenTimes.rows]).toEqual([73_100, 731_000]);
    expect(tenTimes.peakMb).toBeLessThan(once.peakMb + 50);
  }, 400_000);

  async function loadInProcess(scale: number): Promise<{ rows: number; peakMb: number }> {
    const file = join(directory, `${scale}.csv`);
    await writeDatasetFile(file, { seed: 1, scale });
    // A heap that holds only the current batches: V8 must collect the earlier ones, and fails if they are kept.
    const program = [
      '--max-semi-space-size=4',
      '--max-old-space-size=40',
      'test/support/etl-process.ts',
      JSON.stringify(database.settings),
      file,
    ];
    const { stdout } = await promisify(execFile)(process.execPath, program);
    return JSON.parse(stdout);
  }
});

describe('the simulation', () => {
  test('the simulation restarts for another data set, and continues where it was for the same one', async () => {
    const store = await freshStore();
    expect(await etl(good, { store })).toMatchObject({ status: 'loaded', startedRun: true });
    expect(await etl(good, { store })).toMatchObject({ status: 'unchanged', startedRun: false });
    expect(await etl(other, { store })).toMatchObject({ status: 'loaded', startedRun: true });
    expect((await store.readState())?.lastIndex).toBe(4);
  });
});

/** Rows of a file in the order of the facts' key, numbers as numbers. */
async function fileRows(source: Dataset): Promise<unknown[][]> {
  const records: (readonly string[])[] = [];
  for await (const batch of readCsv(source.read())) records.push(...batch.map(({ fields }) => fields));
  const isNumber = DATASET_COLUMNS.map(
    (_, column) => (column >= 5 && column <= 10) || column === 12 || column === 13,
  );
  return records
    .slice(1)
    .map((fields) => fields.map((field, column) => (isNumber[column] ? Number(field) : field)))
    .toSorted((a, b) => (a.slice(0, 3).join() < b.slice(0, 3).join() ? -1 : 1));
}

async function storedRows(): Promise<unknown[][]> {
  const [rows] = await pool.query({
    sql: `SELECT date, store_id, product_id, category, region, inventory_level, units_sold, units_ordered,
      demand_forecast, price, discount, weather_condition, is_holiday_promo, competitor_pricing, seasonality
      FROM sales_facts ORDER BY date, store_id, product_id`,
    rowsAsArray: true,
  });
  return rows as unknown[][];
}

async function dimension(table: string, columns: string): Promise<unknown[][]> {
  const [rows] = await pool.query({ sql: `SELECT ${columns} FROM ${table} ORDER BY 1`, rowsAsArray: true });
  return rows as unknown[][];
}

/** The key and some columns of the first row of each key, ascending by key. */
function firstPerKey(rows: readonly unknown[][], key: number, columns: readonly number[]): unknown[][] {
  const first = new Map<unknown, unknown[]>();
  for (const row of rows) {
    if (!first.has(row[key])) first.set(row[key], [row[key], ...columns.map((column) => row[column])]);
  }
  return [...first.values()].toSorted((a, b) => (String(a[0]) < String(b[0]) ? -1 : 1));
}

/** Waits until the server has started to read a file's rows from a connection. */
async function untilRowsArrived(by: Pool, connectionId: number): Promise<void> {
  const sql = 'SELECT INFO AS info FROM information_schema.PROCESSLIST WHERE ID = ?';
  await eventually(async () => {
    const [session] = await select<{ info: string | null }>(by, sql, [connectionId]);
    expect(session?.info).toMatch(/^LOAD DATA/);
  });
}
