import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { analyticsApi } from '../../../../functions/analytics/api.ts';
import { insightSources } from '../../../../functions/analytics/insights.ts';
import { storedRanking } from '../../../../functions/analytics/ranking.ts';
import {
  NEWEST_SALE,
  salesSummary,
  storedRunSales,
  totalsStatement,
} from '../../../../functions/analytics/sales-summary.ts';
import { LOADING_SESSION, runEtl } from '../../../../functions/etl/etl.ts';
import { SUMMARY_GROUPS, type SummaryGroup } from '../../../../shared/api/sales-summary.ts';
import { type Dataset, openDataset } from '../../../../shared/dataset/open-dataset.ts';
import { historyReader, PRODUCT_SALES } from '../../../../shared/history/product-history.ts';
import { type ApiFunction, createApiHandler } from '../../../../shared/http/api-handler.ts';
import { type Pool, select } from '../../../../shared/mysql/connection.ts';
import type { SimulationStore } from '../../../../shared/simulation/store.ts';
import { apiEvent, ask, recordingLog } from '../../../support/api-events.ts';
import { datasetLines, datasetOf, textOf } from '../../../support/datasets.ts';
import { GOLDEN_DATA_SET, readRecorded } from '../../../support/golden-history.ts';
import { freshDatabase, freshStore } from '../../../support/stores.ts';

const golden = openDataset({ kind: 'file', path: GOLDEN_DATA_SET });
const other = datasetOf(textOf(datasetLines(3)));

let pool: Pool;
/** A single connection, so that its session counts all queries of the function. */
let functionPool: Pool;
let store: SimulationStore;
let handler: ApiFunction;
let clock: number;

/** How many queries the function has sent so far. */
async function queries(): Promise<number> {
  const [status] = await select<{ Value: string }>(functionPool, "SHOW SESSION STATUS LIKE 'Com_select'");
  return Number(status?.Value);
}

/** How many rows the function's queries have read so far, in tables and indexes. */
async function rowsRead(): Promise<number> {
  const counts = await select<{ Value: string }>(functionPool, "SHOW SESSION STATUS LIKE 'Handler_read%'");
  return counts.reduce((sum, { Value }) => sum + Number(Value), 0);
}

/** Stores the sales of the data set before a date as those of a run. */
const INSERT = `
  INSERT INTO kafka_events (event_id, run_id, day_index, store_id, product_id, date, units_sold, price, discount,
                            is_holiday_promo, weather, category, region, day_total)
  SELECT UUID(), ?, TO_DAYS(f.date) - TO_DAYS('2022-01-01'), f.store_id, f.product_id, f.date, f.units_sold, f.price,
         f.discount, c.is_holiday_promo, c.weather_condition, f.category, f.region, 100
    FROM sales_facts f JOIN calendar c ON c.date = f.date
   WHERE f.date < ?`;

/** A row of the data set. */
interface Fact {
  readonly date: string;
  readonly store_id: string;
  readonly product_id: string;
  readonly units: number;
  readonly stock: number;
  readonly promotion: number;
}

/** A process of the function that has just started. */
function start(): ApiFunction {
  clock = 0;
  return createApiHandler({
    routes: analyticsApi({
      history: historyReader(functionPool, () => clock),
      store,
      summary: salesSummary(storedRunSales(functionPool)),
      ranking: storedRanking(functionPool),
      ...insightSources(functionPool, () => clock),
    }),
    log: recordingLog().log,
  });
}

function load(dataset: Dataset) {
  return runEtl({ pool, store, log: { info: () => {} }, now: () => performance.now() }, dataset);
}

function get(target: string, headers: Record<string, string> = {}) {
  return ask(handler, apiEvent(`GET ${target}`, { headers }));
}

/** The fields of an answer that the original had: others may follow at the end. */
function legacy(answer: object, recorded: object): object {
  return Object.fromEntries(Object.entries(answer).slice(0, Object.keys(recorded).length));
}

beforeAll(async () => {
  const database = await freshDatabase();
  pool = database.open({ session: LOADING_SESSION });
  functionPool = database.open({ connectionLimit: 1 });
  store = await freshStore();
  await load(golden);
  // The ETL leaves that to the server, which does it some seconds later.
  await pool.query('ANALYZE TABLE sales_facts');
});
beforeEach(() => {
  handler = start();
});
afterAll(() => Promise.all([pool.end(), functionPool.end()]));

describe('the recorded answers', () => {
  it.each(['demand_predict', 'price_sensitivity', 'promotions_simulate'])(
    'answers of %s from MySQL equal the recorded ones in every field and digit',
    async (name) => {
      for (const { request, status, body } of readRecorded(name)) {
        const { statusCode, json } = await get(request.replace('GET ', ''));
        expect(statusCode, request).toBe(status);
        expect(JSON.stringify(legacy(json, body)), request).toBe(JSON.stringify(body));
      }
    },
  );

  it('on the thirtieth day of the simulation, answers without a day parameter equal the recorded ones', async () => {
    await store.advanceDays(30, { requestedAt: new Date().toISOString(), traceparent: '' });
    for (const { request, body } of readRecorded('scoped_by_simulation_day30')) {
      if (!/^GET .(demand|price|promotions)/.test(request)) continue;
      const { json } = await get(request.replace('GET ', ''));
      expect(legacy(json, body), request).toEqual(body);
    }
    await store.reset();
  });
});

describe('a history', () => {
  it('a history is read once by an indexed query, then cached', async () => {
    const sent = await queries();
    await get('/price/sensitivity?product_id=P0005&day=100');
    // The calendar, once per process, and the history.
    expect((await queries()) - sent).toBe(2);
    clock += 10;
    await get('/promotions/simulate?product_id=P0005&discount_pct=7&day=99');
    await get('/demand/predict?store_id=S002&product_id=P0005&day=98');
    expect((await queries()) - sent).toBe(2);
    await get('/price/sensitivity?product_id=P0006&day=98');
    expect((await queries()) - sent).toBe(3);
    clock += 1_000;
    await get('/price/sensitivity?product_id=P0005&day=97');
    // Whether the data set is still the newest.
    expect((await queries()) - sent).toBe(4);
  });

  it('a product’s history uses its index', async () => {
    const plan = await select<{ table: string; key: string | null }>(
      pool,
      `EXPLAIN FORMAT=TRADITIONAL ${PRODUCT_SALES}`,
      ['P0005', 'P0005'],
    );
    expect(plan.find(({ table }) => table === 'sales_facts')?.key).toBe('by_product');
  });

  it('a history never matches a product whose id differs by a space or by case', async () => {
    for (const id of ['P0005%20', 'p0005', '%20P0005', 'P0005%00', '']) {
      expect((await get(`/price/sensitivity?product_id=${id}`)).statusCode, id).toBe(404);
    }
  });
});

describe('a sales summary', () => {
  let runId: string;

  beforeAll(async () => {
    runId = (await store.readState())?.runId ?? '';
    await pool.query(INSERT, [runId, '2022-03-01']);
    await pool.query(INSERT, [randomUUID(), '2022-01-04']);
    // Statistics of a table that has just been filled depend on timing.
    await pool.query('ANALYZE TABLE kafka_events');
  });

  it.each(SUMMARY_GROUPS)(
    'a sales summary by %s adds up to the run, whatever other runs contain',
    async (by) => {
      const sent = await queries();
      const { statusCode, json } = await get(`/sales/summary?by=${by}`);
      expect((await queries()) - sent).toBe(1);
      const groups: { group: string; revenue: number; units: number; events: number }[] = json.groups;
      const [total] = await select<{ revenue: number; units: number; events: number }>(
        pool,
        'SELECT SUM(units_sold * price) AS revenue, SUM(units_sold) AS units, COUNT(*) AS events FROM kafka_events WHERE run_id = ?',
        [runId],
      );
      expect(statusCode).toBe(200);
      expect(json).toMatchObject({ run_id: runId, by });
      expect(groups.reduce((sum, { revenue }) => sum + revenue, 0)).toBeCloseTo(total?.revenue ?? 0, 1);
      expect(groups.reduce((sum, { units }) => sum + units, 0)).toBe(total?.units);
      expect(groups.reduce((sum, { events }) => sum + events, 0)).toBe(total?.events);
      const names = groups.map(({ group }) => group);
      const ascending = new Intl.Collator('en', { numeric: true }).compare;
      expect(names).toEqual(names.toSorted(ascending));
    },
  );

  it('a sales summary has what customers paid, rounded to cents for each sale', async () => {
    const sales = await select<{ store_id: string; units: number; price: string; discount: string }>(
      pool,
      `SELECT store_id, units_sold AS units, CAST(price AS CHAR) AS price, CAST(discount AS CHAR) AS discount
         FROM kafka_events WHERE run_id = ?`,
      [runId],
    );
    const hundredths = (decimal: string) => BigInt(decimal.replace('.', ''));
    const paid = Map.groupBy(sales, ({ store_id }) => store_id);
    const { json } = await get('/sales/summary?by=store');
    expect(json.groups).toHaveLength(paid.size);
    for (const { group, revenue, net_revenue, discount_given } of json.groups) {
      const cents = (paid.get(group) ?? []).map(
        ({ units, price, discount }) =>
          (BigInt(units) * hundredths(price) * (10_000n - hundredths(discount)) + 5_000n) / 10_000n,
      );
      expect(net_revenue).toBe(Number(cents.reduce((sum, each) => sum + each, 0n)) / 100);
      expect(discount_given).toBeCloseTo(revenue - net_revenue, 2);
      expect(net_revenue).toBeLessThan(revenue);
    }
  });

  it('a sales summary by day counts the promotions of the calendar', async () => {
    const { json } = await get('/sales/summary');
    expect(json.groups.length).toBe(59);
    expect(json.groups[3]).toMatchObject({ group: '2022-01-04', events: 100, promo_share: 1 });
    expect(json.groups[0]).toMatchObject({ group: '2022-01-01', events: 100, promo_share: 0 });
  });

  it('a sales summary of a day has that day alone, and an unknown day is refused', async () => {
    const all = (await get('/sales/summary?by=store&then_by=day_index')).json.groups;
    const { json } = await get('/sales/summary?by=store&then_by=day_index&day=4');
    expect(json.groups).toHaveLength(5);
    expect(json.groups).toEqual(all.filter(({ subgroup }: { subgroup: string }) => subgroup === '3'));
    expect((await get('/sales/summary?day=100000')).json).toMatchObject({ status: 400, code: 'invalid_day' });
  });

  it('a sales summary of some days has the days up to the last of them, as far as the run goes back', async () => {
    const all = (await get('/sales/summary?by=day_index&then_by=store')).json.groups;
    const ofDays = (from: number, to: number) =>
      all.filter(({ group }: { group: string }) => Number(group) >= from - 1 && Number(group) < to);
    const question = '/sales/summary?by=day_index&then_by=store';
    expect((await get(`${question}&day=12&days=3`)).json.groups).toEqual(ofDays(10, 12));
    expect((await get(`${question}&day=4&days=1`)).json.groups).toEqual(ofDays(4, 4));
    expect((await get(`${question}&day=2&days=31`)).json.groups).toEqual(ofDays(1, 2));
    expect(ofDays(10, 12)).toHaveLength(15);
    // Without a day it means nothing.
    expect((await get(`${question}&days=3`)).json.groups).toEqual(all);
  });

  it('a sales summary tells the rows’ own promotions, what sold out, and an estimate of what that lost', async () => {
    await pool.query(
      'CREATE TABLE stock_before AS SELECT date, store_id, product_id, inventory_level FROM sales_facts',
    );
    await pool.query('UPDATE sales_facts SET inventory_level = inventory_level + 1000 WHERE product_id = ?', [
      'P0003',
    ]);
    await pool.query(
      `UPDATE sales_facts SET inventory_level = units_sold
        WHERE product_id = ? AND (date BETWEEN '2022-01-21' AND '2022-01-31' OR date >= '2022-02-21')`,
      ['P0003'],
    );
    const rows = await select<Fact>(
      pool,
      `SELECT date, store_id, product_id, units_sold AS units, inventory_level AS stock, is_holiday_promo AS promotion
         FROM sales_facts WHERE date < '2022-03-01'`,
    );
    const unitsOf = new Map(rows.map((row) => [`${row.date} ${row.store_id} ${row.product_id}`, row]));
    const lostBy = (row: Fact) => {
      const before = [7, 14, 21, 28].flatMap((days) => {
        const date = new Date(Date.parse(row.date) - days * 86_400_000).toISOString().slice(0, 10);
        const past = unitsOf.get(`${date} ${row.store_id} ${row.product_id}`);
        return past && past.units < past.stock ? [past.units] : [];
      });
      const usual = before.reduce((sum, units) => sum + units, 0) / before.length || 0;
      return row.units >= row.stock ? Math.max(0, usual - row.units) : 0;
    };
    const { json } = await get('/sales/summary?by=store');
    for (const group of json.groups) {
      const own = rows.filter((row) => row.store_id === group.group);
      expect(group.row_promo_share).toBeCloseTo(
        own.reduce((sum, { promotion }) => sum + promotion, 0) / own.length,
        3,
      );
      expect(group.stock_outs).toBe(own.filter(({ units, stock }) => units >= stock).length);
      expect(group.lost_units).toBeCloseTo(
        own.reduce((sum, row) => sum + lostBy(row), 0),
        0,
      );
    }
    expect(rows.some((row) => lostBy(row) > 0)).toBe(true);
    await pool.query(
      'UPDATE sales_facts f JOIN stock_before b USING (date, store_id, product_id) SET f.inventory_level = b.inventory_level',
    );
  });

  it('a sales summary can’t tell stock or a row’s promotion of sales whose row isn’t in the data set', async () => {
    await pool.query('UPDATE sales_facts SET price = price + 1 WHERE date = ?', ['2022-01-04']);
    const { json } = await get('/sales/summary?by=store&day=4');
    await pool.query('UPDATE sales_facts SET price = price - 1 WHERE date = ?', ['2022-01-04']);
    expect(json.groups).toHaveLength(5);
    for (const group of json.groups) {
      expect(group).toMatchObject({ row_promo_share: null, stock_outs: null, lost_units: null, events: 20 });
    }
  });

  it('a sales summary can be split, filtered by product and cut off at an id', async () => {
    const [{ id = 0 } = {}] = await select<{ id: number }>(
      pool,
      'SELECT MAX(id) AS id FROM kafka_events WHERE run_id = ? AND date = ?',
      [runId, '2022-01-10'],
    );
    const rows = await select<object>(
      pool,
      `SELECT CAST(day_index AS CHAR) AS \`group\`, store_id AS subgroup, units_sold AS units, 1 AS events
         FROM kafka_events WHERE run_id = ? AND product_id = 'P0003' AND id < ? ORDER BY day_index, store_id`,
      [runId, id],
    );
    const question = `by=day_index&then_by=store&product_id=P0003&before_id=${id}`;
    const { json } = await get(`/sales/summary?${question}`);
    expect(rows.length).toBeGreaterThan(20);
    expect(json.groups).toMatchObject(rows);
    expect(json.groups).toHaveLength(rows.length);
  });

  it('a sales summary never matches a product whose id differs by a space or by case', async () => {
    for (const id of ['P0003%20', 'p0003', '%20P0003', '']) {
      expect((await get(`/sales/summary?product_id=${id}`)).json.groups, id).toEqual([]);
    }
  });

  it.each(SUMMARY_GROUPS)('a sales summary by %s finds the run by an index', async (by: SummaryGroup) => {
    const { sql, values } = totalsStatement(randomUUID(), { by, then_by: 'season', before_id: 1_000 }, 10);
    const plan = await select<{ table: string; possible_keys: string | null }>(
      pool,
      `EXPLAIN FORMAT=TRADITIONAL ${sql}`,
      values,
    );
    expect(plan.find(({ table }) => table === 'e')).toMatchObject({ key: expect.stringMatching(/^run_/) });
  });

  it('a sales summary is empty before anything was sold', async () => {
    await store.reset();
    expect((await get('/sales/summary?by=store')).json.groups).toEqual([]);
  });
});

/** Last, because it removes the recorded data set. */
describe('another data set', () => {
  it('answers use a new data set as soon as it is loaded', async () => {
    const target = '/price/sensitivity?product_id=P0001&day=1';
    const before = await get(target);
    await load(other);
    clock += 101;
    const after = await get(target, { 'if-none-match': String(before.headers.etag) });
    expect(after.statusCode).toBe(200);
    expect(after.headers.etag).not.toBe(before.headers.etag);
    expect(after.json.price_range).not.toEqual(before.json.price_range);
    expect((await get('/price/sensitivity?product_id=P0001&day=4')).json).toMatchObject({
      status: 400,
      detail: 'day 4 is out of range: the data set has days 1 to 3.',
    });
  });

  it('a new data set is not confused with the one before', async () => {
    await get('/price/sensitivity?product_id=P0001&day=1');
    await load(golden);
    // The cached check for the newest data set is still valid, but a fresh history shows that it is outdated.
    const { json } = await get('/price/sensitivity?product_id=P0002&day=4');
    expect(json).toMatchObject({ total_records: 20, price_range: { mean: 48.36 } });
  });

  it('the newest sale of a run is the one with the greatest id, read from one entry of an index', async () => {
    const runId = randomUUID();
    const sales = storedRunSales(functionPool);
    expect(await sales.newest(runId)).toBe(0);
    await load(golden);
    await pool.query(INSERT, [runId, '2022-01-03']);
    await pool.query(INSERT, [randomUUID(), '2022-01-01']);
    const [greatest] = await select<{ id: number }>(
      pool,
      'SELECT MAX(id) AS id FROM kafka_events WHERE run_id = ?',
      [runId],
    );
    expect(greatest?.id).toBeGreaterThan(0);
    expect(await sales.newest(runId)).toBe(greatest?.id);
    const [plan] = await select<{ key: string; Extra: string | null }>(
      pool,
      `EXPLAIN FORMAT=TRADITIONAL ${NEWEST_SALE}`,
      [runId],
    );
    expect(plan).toMatchObject({ key: 'run_position' });
    expect(plan?.Extra ?? '').not.toContain('filesort');
  });

  it('what sold-out sales lost is looked up sale by sale, however many days two products have', async () => {
    const lines = datasetLines(1).slice(0, 3);
    const days = Array.from({ length: 600 }, (_, day) =>
      new Date(Date.UTC(2022, 0, 1 + day)).toISOString().slice(0, 10),
    );
    const soldOut = (line: string, date: string) => {
      const [, store, product, category, region, , sold, ...rest] = line.split(',');
      return [date, store, product, category, region, sold, sold, ...rest].join(',');
    };
    const sales = days.flatMap((date) => lines.slice(1).map((line) => soldOut(line, date)));
    await load(datasetOf(textOf([...lines.slice(0, 1), ...sales])));
    await pool.query('ANALYZE TABLE sales_facts');
    const runId = randomUUID();
    await pool.query(INSERT, [runId, '2025-01-01']);
    const before = await rowsRead();
    const [group] = await storedRunSales(functionPool).totals(runId, { by: 'store' }, 0);
    expect(group).toMatchObject({ events: sales.length });
    // A sale, its row, its four weeks before and what a server notes down meanwhile.
    expect((await rowsRead()) - before).toBeLessThan(sales.length * 30);
  });
});
