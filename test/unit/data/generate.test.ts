import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { generateCsv, writeDatasetFile } from '../../../data/generate.ts';
import { products } from '../../../data/generator/catalogue.ts';
import { type DatasetRow, generateRows } from '../../../data/generator/rows.ts';
import { LEAD_DAYS } from '../../../data/generator/stock-flow.ts';

const SEED = 1;
let text: string;
let rows: DatasetRow[];

beforeAll(() => {
  text = [...generateCsv({ seed: SEED, scale: 1 })].join('');
  rows = [...generateRows(SEED)];
});

describe('the file', () => {
  test('the file is the same for the same seed, on every machine', () => {
    expect(sha256(text)).toBe('235b9b6202f2df1210016f2a35ba6b5ee39b0c81f6041c363b026fc8d0813fcb');
  });

  test('the file differs for another seed', () => {
    expect(sha256([...generateCsv({ seed: 2, scale: 1 })].join(''))).not.toBe(sha256(text));
  });

  test('the file has the header of the original and LF line endings', async () => {
    const golden = gunzipSync(await readFile('test/golden/dataset.csv.gz')).toString();
    expect(text.split('\n')[0]).toBe(golden.split('\n')[0]);
    expect(text).not.toContain('\r');
    expect(text.endsWith('\n')).toBe(true);
  });

  test('the file has 73,100 rows, sorted by date (731), store (5) and product (20)', () => {
    const keys = text
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => line.split(',').slice(0, 3).join());
    expect(keys).toHaveLength(73_100);
    expect(new Set(keys).size).toBe(73_100);
    expect(keys).toEqual(keys.toSorted());
    expect(new Set(rows.map((row) => row.date)).size).toBe(731);
    expect([keys[0], keys.at(-1)]).toEqual(['2022-01-01,S001,P0001', '2024-01-01,S005,P0020']);
  });

  test('the file has each column in the format of the original', () => {
    const whole = '(0|[1-9]\\d*)';
    const decimal = `-?${whole}\\.(0|\\d?[1-9])`;
    const row = new RegExp(
      [
        '^\\d{4}-\\d\\d-\\d\\d,S\\d{3},P\\d{4},(Groceries|Toys|Electronics|Furniture|Clothing),(North|South|East|West)',
        `${whole},${whole},${whole},${decimal},${decimal},(0|5|10|15|20)`,
        `(Sunny|Cloudy|Rainy|Snowy),[01],${decimal},(Winter|Spring|Summer|Autumn)$`,
      ].join(','),
    );
    expect(
      text
        .trimEnd()
        .split('\n')
        .slice(1)
        .filter((line) => !row.test(line)),
    ).toEqual([]);
  });

  test('the values of the file stay in the ranges of the original', () => {
    expect(rangeOf((row) => row.unitsSold)).toEqual(within(0, 499));
    expect(rangeOf((row) => row.inventoryLevel - row.unitsSold)).toEqual(within(0, 1_000));
    expect(rangeOf((row) => row.demandForecast)).toEqual(within(-9.99, 518.55));
    expect(rangeOf((row) => row.demandForecast).low).toBeLessThan(0);
    expect(rangeOf((row) => row.price)).toEqual(within(10, 100));
    expect(rangeOf((row) => row.competitorPricing)).toEqual(within(5.03, 104.94));
    expect(rangeOf((row) => Math.abs(row.competitorPricing - row.price))).toEqual(within(0, 5.01));
  });

  test('a scaled file keeps its first five stores', () => {
    const scaled = [...generateRows(SEED, 2)];
    expect(scaled).toHaveLength(146_200);
    expect(scaled.filter((row) => row.storeId <= 'S005')).toEqual(rows);
  });

  test('the file gets its name only once it is complete', async () => {
    const directory = await mkdtemp(join(tmpdir(), 'generate-'));
    afterAll(() => rm(directory, { recursive: true }));
    const path = join(directory, 'data.csv');
    await writeDatasetFile(path, { seed: SEED, scale: 1 });
    expect(await readdir(directory)).toEqual(['data.csv']);
    expect(sha256(await readFile(path, 'utf8'))).toBe(sha256(text));
    await expect(
      writeDatasetFile(join(directory, 'none', 'data.csv'), { seed: 1, scale: 1 }),
    ).rejects.toThrow('ENOENT');
  });

  test('the command writes the file to its standard output', async () => {
    const { stdout } = await promisify(execFile)(process.execPath, ['data/generate.ts', '--seed', '1'], {
      maxBuffer: 2 * text.length,
    });
    expect(sha256(stdout)).toBe(sha256(text));
  });
});

describe('the stock', () => {
  test('the stock of a morning is that of the last evening plus what was ordered three evenings ago', () => {
    for (const shelf of shelves()) {
      const mornings = shelf.slice(LEAD_DAYS, -1).map((row, index) => {
        return row.inventoryLevel - row.unitsSold + (shelf[index]?.unitsOrdered ?? 0);
      });
      expect(mornings).toEqual(shelf.slice(LEAD_DAYS + 1).map((row) => row.inventoryLevel));
    }
  });

  test('a day on which all was sold hides what more would have been sold', () => {
    expect(rows.filter((row) => row.unitsSold !== Math.min(row.demand, row.inventoryLevel))).toEqual([]);
    const soldOut = rows.filter((row) => row.unitsSold === row.inventoryLevel);
    expect(share(soldOut, (row) => row.demand > row.unitsSold)).toBeGreaterThan(0.9);
  });

  test('the shelves are sold out on 0.2 to 0.6 % of the days, and never hold a thousand units', () => {
    const soldOut = share(rows, (row) => row.unitsSold === row.inventoryLevel);
    expect(soldOut).toBeGreaterThan(0.002);
    expect(soldOut).toBeLessThan(0.006);
    expect(rangeOf((row) => row.inventoryLevel)).toEqual(within(0, 999));
  });

  test('an order is nothing, or at least 20 and at most 500 units', () => {
    const orders = new Set(rows.map((row) => row.unitsOrdered));
    expect(orders.has(0)).toBe(true);
    for (const order of orders) expect(order === 0 || (order >= 20 && order <= 500)).toBe(true);
  });
});

describe('a date', () => {
  test('the first row of a date has the promotion, weather and season of that date', () => {
    const firstRows = rows.filter((row) => row.storeId === 'S001' && row.productId === 'P0001');
    for (const first of firstRows) {
      const others = rows.slice(firstRows.indexOf(first) * 100, firstRows.indexOf(first) * 100 + 100);
      expect(others.every((row) => row.date === first.date && row.season === first.season)).toBe(true);
      expect(share(others, (row) => row.isPromotion === first.isPromotion)).toBeGreaterThan(0.7);
      expect(share(others, (row) => row.weather === first.weather)).toBeGreaterThanOrEqual(0.2);
    }
    expect(share(firstRows, (row) => row.isPromotion)).toBeGreaterThan(0.15);
    expect(share(firstRows, (row) => row.isPromotion)).toBeLessThan(0.35);
  });

  test('a date has the season of its month, and snow only in winter', () => {
    const season = (month: string) =>
      new Set(rows.filter((row) => row.date.slice(5, 7) === month).map((r) => r.season));
    expect([season('01'), season('04'), season('07'), season('10'), season('12')]).toEqual(
      ['Winter', 'Spring', 'Summer', 'Autumn', 'Winter'].map((name) => new Set([name])),
    );
    expect(new Set(rows.filter((row) => row.weather === 'Snowy').map((row) => row.season))).toEqual(
      new Set(['Winter']),
    );
  });
});

describe('what a model can learn from the file', () => {
  test.each(products(SEED))(
    'a log-log regression recovers the price elasticity of $id',
    ({ id, elasticity }) => {
      // An empty shelf says nothing about demand, and has no logarithm.
      const sales = rows.filter((row) => row.productId === id && row.inventoryLevel > 0);
      const simple = slope(
        sales,
        (row) => Math.log(row.price),
        (row) => Math.log(row.unitsSold),
      );
      expect(Math.abs(simple - elasticity)).toBeLessThan(0.4);
      expect(simple).toBeLessThan(-0.3);
      // With each store, weekday, quarter and promotion compared only with itself the estimate is close.
      const group = (row: DatasetRow) =>
        [
          row.storeId,
          new Date(row.date).getUTCDay(),
          row.date.slice(0, 4),
          row.season,
          row.isPromotion,
        ].join();
      const controlled = slope(sales, ...centred(sales, group));
      expect(Math.abs(controlled - elasticity)).toBeLessThan(0.15);
    },
  );

  test.each(products(SEED))('promotions and discounts raise the sales of $id', ({ id, promotionUplift }) => {
    const sales = rows.filter((row) => row.productId === id);
    const mean = (keep: (row: DatasetRow) => boolean) =>
      average(sales.filter(keep).map((row) => row.unitsSold));
    const uplift = mean((row) => row.isPromotion) / mean((row) => !row.isPromotion) - 1;
    expect(Math.abs(uplift - (Math.exp(promotionUplift) - 1))).toBeLessThan(0.12);
    expect(mean((row) => row.discount === 20)).toBeGreaterThan(1.08 * mean((row) => row.discount === 0));
  });

  test('every series has a weekly pattern', () => {
    const correlations = series().map((units) => autocorrelation(units, 7));
    expect(Math.min(...correlations)).toBeGreaterThan(0.4);
    expect(average(correlations)).toBeGreaterThan(0.6);
  });

  test('a forecast with a weekly pattern beats the best moving average by far in every series', () => {
    const ratios = series().map((units) => {
      const windows = Array.from({ length: 28 }, (_, index) => index + 3);
      const bestAverage = Math.min(...windows.map((window) => movingAverageError(units, window)));
      return weeklyProfileError(units) / bestAverage;
    });
    expect(average(ratios)).toBeLessThan(0.75);
    expect(Math.max(...ratios)).toBeLessThan(0.9);
  });
});

function sha256(content: string): string {
  return createHash('sha256').update(content).digest('hex');
}

function within(low: number, high: number) {
  return {
    low: expect.toSatisfy((value: number) => value >= low, `at least ${low}`),
    high: expect.toSatisfy((value: number) => value <= high, `at most ${high}`),
  };
}

function rangeOf(measure: (row: DatasetRow) => number): { low: number; high: number } {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const row of rows) {
    low = Math.min(low, measure(row));
    high = Math.max(high, measure(row));
  }
  return { low, high };
}

function share(of: readonly DatasetRow[], holds: (row: DatasetRow) => boolean): number {
  return of.filter(holds).length / of.length;
}

function average(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

/** Slope of the least-squares line. */
function slope(
  of: readonly DatasetRow[],
  xOf: (row: DatasetRow, index: number) => number,
  yOf: (row: DatasetRow, index: number) => number,
): number {
  const [xs, ys] = [of.map(xOf), of.map(yOf)];
  const [meanX, meanY] = [average(xs), average(ys)];
  const products = xs.map((x, index) => (x - meanX) * ((ys[index] ?? 0) - meanY));
  return average(products) / average(xs.map((x) => (x - meanX) ** 2));
}

/** Logarithms of price and units, each less its group's mean. */
function centred(of: readonly DatasetRow[], groupOf: (row: DatasetRow) => string) {
  const centre = (measure: (row: DatasetRow) => number) => {
    const groups = Map.groupBy(of, groupOf);
    const means = new Map([...groups].map(([group, members]) => [group, average(members.map(measure))]));
    return (row: DatasetRow) => measure(row) - (means.get(groupOf(row)) ?? 0);
  };
  return [centre((row) => Math.log(row.price)), centre((row) => Math.log(row.unitsSold))] as const;
}

/** Units by day of each product in each store. */
function series(): number[][] {
  return shelves().map((group) => group.map((row) => row.unitsSold));
}

/** The rows of each product in each store, by day. */
function shelves(): DatasetRow[][] {
  return [...Map.groupBy(rows, (row) => `${row.storeId} ${row.productId}`).values()];
}

function autocorrelation(values: readonly number[], lag: number): number {
  const mean = average(values);
  const deviations = values.map((value) => value - mean);
  const shifted = deviations.slice(lag).map((deviation, index) => deviation * (deviations[index] ?? 0));
  return (
    shifted.reduce((sum, value) => sum + value, 0) / deviations.reduce((sum, value) => sum + value ** 2, 0)
  );
}

/** RMSE of one-step forecasts over the last fifth. */
function errorOf(values: readonly number[], forecast: (past: readonly number[]) => number): number {
  const start = Math.floor(values.length * 0.8);
  const squares = values
    .slice(start)
    .map((value, index) => (value - forecast(values.slice(0, start + index))) ** 2);
  return Math.sqrt(average(squares));
}

function movingAverageError(values: readonly number[], window: number): number {
  return errorOf(values, (past) => average(past.slice(-window)));
}

/** The mean of the last four weeks, times the weekday's ratio to its mean in the last twelve. */
function weeklyProfileError(values: readonly number[]): number {
  return errorOf(values, (past) => {
    const recent = past.slice(-84);
    const sameDay = recent.filter((_, index) => index % 7 === 0);
    return (average(past.slice(-28)) * average(sameDay)) / average(recent);
  });
}
