import { afterAll, beforeAll, expect, it } from 'vitest';
import {
  insightSources,
  insightsOfDay,
  LOW_COVER,
  STOCK_OUTS,
  UNDERCUT,
} from '../../../../functions/analytics/insights.ts';
import { LOADING_SESSION, runEtl } from '../../../../functions/etl/etl.ts';
import { type Insight, OPTIONAL_COLUMNS } from '../../../../shared/api/insights.ts';
import { type Pool, select } from '../../../../shared/mysql/connection.ts';
import { datasetLines, datasetOf, textOf } from '../../../support/datasets.ts';
import { freshDatabase, freshStore } from '../../../support/stores.ts';

/**
 * Of the generated data set, worked out from its CSV by a program in another language. `lowCover` and `undercut` count rows,
 * of which a request lists at most a hundred per kind and day.
 */
const WORKED_OUT = {
  stockOuts: 275,
  stockOutDays: 219,
  lostUnits: 2_980,
  anomalies: 56,
  lowCover: 11_069,
  undercut: 13_758,
};
const DAYS = 731;

let pool: Pool;
let sources: ReturnType<typeof insightSources>;

beforeAll(async () => {
  const database = await freshDatabase();
  pool = database.open({ session: LOADING_SESSION });
  const now = () => performance.now();
  const dataset = datasetOf(textOf(datasetLines(DAYS)));
  await runEtl({ pool, store: await freshStore(), log: { info: () => {} }, now }, dataset);
  sources = insightSources(pool, now);
}, 240_000);
afterAll(() => pool.end());

it('the insights of all days are those that can be worked out from the file', async () => {
  const dates = (await sources.dataSet())?.dates ?? [];
  const byDay: Insight[][] = [];
  for (const [index, date] of dates.entries()) {
    byDay.push(insightsOfDay(await sources.findings(date, 100), { day: index + 1, date }));
  }
  const all = byDay.flat();
  const count = (kind: Insight['kind']) => all.filter((insight) => insight.kind === kind).length;
  expect(dates).toHaveLength(DAYS);
  expect({
    stockOuts: count('stock_out'),
    stockOutDays: byDay.filter((day) => day.some(({ kind }) => kind === 'stock_out')).length,
    lostUnits:
      Math.round(all.reduce((sum, { kind, value }) => sum + (kind === 'stock_out' ? value : 0), 0) / 10) * 10,
    anomalies: count('anomaly'),
    lowCover: count('low_cover'),
    undercut: count('undercut'),
  }).toEqual(WORKED_OUT);
}, 240_000);

/** The missing columns of a file, as the load keeps them and as they are found without that. */
async function missingOf(text: string): Promise<(readonly string[])[]> {
  const database = await freshDatabase();
  const other = database.open({ session: LOADING_SESSION });
  const now = () => performance.now();
  await runEtl({ pool: other, store: await freshStore(), log: { info: () => {} }, now }, datasetOf(text));
  const kept = await insightSources(other, now).missingColumns();
  await other.query('UPDATE datasets SET missing_columns = NULL');
  const found = await insightSources(other, now).missingColumns();
  await other.end();
  return [kept, found];
}

it('stock that should last three days is compared with what the weekdays of these days usually sell', async () => {
  const date = '2023-02-14';
  const oneDay = await sources.findings(date, 100);
  const threeDays = await sources.findings(date, 100, 3);
  const dates = ['2023-02-08', '2023-02-09', '2023-02-10'].flatMap((day) =>
    [0, 7, 14, 21].map((before) =>
      new Date(Date.parse(day) - before * 86_400_000).toISOString().slice(0, 10),
    ),
  );
  const [expected] = await select<{ row_count: number }>(
    pool,
    `SELECT COUNT(*) AS row_count
       FROM sales_facts f
      WHERE f.date = ? AND f.inventory_level > f.units_sold
        AND f.inventory_level - f.units_sold < 3 * (
          SELECT AVG(p.units_sold) FROM sales_facts p
           WHERE p.store_id = f.store_id AND p.product_id = f.product_id AND p.date IN (?)
             AND p.units_sold < p.inventory_level)`,
    [date, dates],
  );
  expect(threeDays.lowCover).toHaveLength(Number(expected?.row_count));
  expect(threeDays.lowCover.length).toBeGreaterThan(oneDay.lowCover.length);
  expect(threeDays.stockOuts).toEqual(oneDay.stockOuts);
  expect(await sources.findings(date, 100, 0)).toMatchObject({
    stockOuts: oneDay.stockOuts,
    lowCover: [],
    undercut: [],
  });
});

it('the columns in which no sale has a value are missing', async () => {
  expect(await sources.missingColumns()).toEqual([]);
  const text = 'Date,Store,Product,Units,Price,Weather\n2024-01-01,A,B,3,9.99,\n2024-01-02,A,B,4,9.99,rain\n';
  const expected = OPTIONAL_COLUMNS.filter((column) => column !== 'weather_condition');
  expect(await missingOf(text)).toEqual([expected, expected]);
});

it('a column with a single value amid many sales is not missing', async () => {
  const lines = Array.from({ length: 12_001 }, (_, index) => {
    const date = new Date(Date.UTC(2000, 0, 1 + Math.floor(index / 10))).toISOString().slice(0, 10);
    return `${date},A,B${index % 10},3,9.99,${index === 6_000 ? '17' : ''}`;
  });
  const text = `Date,Store,Product,Units,Price,Inventory\n${lines.join('\n')}\n`;
  const expected = OPTIONAL_COLUMNS.filter((column) => column !== 'inventory_level');
  expect(await missingOf(text)).toEqual([expected, expected]);
});

it.each([
  ['stock-outs', STOCK_OUTS, [['2023-02-07', '2023-01-31']], []],
  ['low cover', LOW_COVER, [['2023-02-08', '2023-02-01']], [1]],
  ['low cover of three days', LOW_COVER, [['2023-02-08', '2023-02-09', '2023-02-10']], [3]],
  ['undercut prices', UNDERCUT, [], []],
])('the rows of a day with %s are read from ranges of the clustered index', async (_, sql, dates, ahead) => {
  const plan = await select<{ table: string; type: string; key: string; rows: number | string }>(
    pool,
    `EXPLAIN FORMAT=TRADITIONAL ${sql}`,
    [...dates, '2023-02-14', ...ahead, 8],
  );
  const read = plan.filter(({ table }) => table === 'f' || table === 'p');
  expect(read).toHaveLength(dates.length > 0 ? 2 : 1);
  for (const rows of read) {
    expect(rows).toMatchObject({ key: 'PRIMARY', type: expect.stringMatching(/^(eq_ref|ref|range)$/) });
    expect(Number(rows.rows)).toBeLessThan(1_000);
  }
});
