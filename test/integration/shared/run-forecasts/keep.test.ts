import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { LOADING_SESSION, runEtl } from '../../../../functions/etl/etl.ts';
import { runForecastsApi } from '../../../../functions/forecast/run-forecasts.ts';
import { createApiHandler } from '../../../../shared/http/api-handler.ts';
import { type Pool, select } from '../../../../shared/mysql/connection.ts';
import { forecastKeeper, readDays, readUnits } from '../../../../shared/run-forecasts/keep.ts';
import { readEvenings, readSeries } from '../../../../shared/run-forecasts/store.ts';
import { apiEvent, ask, recordingLog } from '../../../support/api-events.ts';
import { datasetLines, datasetOf, textOf } from '../../../support/datasets.ts';
import { type MemoryStore, memorySimulationStore } from '../../../support/memory-simulation-store.ts';
import { freshDatabase } from '../../../support/stores.ts';

const DAYS = 70;
const CLICK = { requestedAt: '2026-01-01T00:00:00.000Z', traceparent: '' };

let pool: Pool;
let store: MemoryStore;

beforeAll(async () => {
  const database = await freshDatabase();
  pool = database.open({ connectionLimit: 4, session: LOADING_SESSION });
  await load(1);
});
afterAll(() => pool.end());

async function load(seed: number): Promise<void> {
  const dependencies = {
    pool,
    store: {
      register: async (calendar: { dates: readonly string[] }) => ({
        startedRun: true,
        totalDays: calendar.dates.length,
      }),
    },
    log: { info: () => {} },
    now: () => performance.now(),
  };
  await runEtl(dependencies, datasetOf(textOf(datasetLines(DAYS, seed))));
}

beforeEach(async () => {
  store = memorySimulationStore();
  const days = await select<{ date: string }>(pool, 'SELECT date FROM calendar ORDER BY date');
  await store.register({ dates: days.map(({ date }) => date) });
});

const newKeeper = () => forecastKeeper({ pool, store, now: () => performance.now() });

interface Row {
  readonly day_index: number;
  readonly date: string | null;
  readonly forecasts: string;
  readonly score: string;
  readonly made_at: string;
}

async function kept(): Promise<Row[]> {
  const { runId = '' } = (await store.readState()) ?? {};
  const sql =
    'SELECT day_index, date, forecasts, score, made_at FROM run_forecasts WHERE run_id = ? ORDER BY day_index';
  return select<Row>(pool, sql, [runId]);
}

interface Series {
  readonly level: string;
  readonly store_id: string | null;
  readonly product_id: string | null;
}

/** What was kept, without when. */
const contents = (rows: readonly Row[]) => rows.map(({ made_at, ...rest }) => rest);

describe('the forecasts that are kept with a run', () => {
  test('each evening up to the current day is kept once, and keeping again changes nothing', async () => {
    await store.advanceDays(20, CLICK);
    const keeper = newKeeper();
    await keeper.keep();
    const rows = await kept();
    expect(rows.map(({ day_index }) => day_index)).toEqual(Array.from({ length: 21 }, (_, day) => day));
    expect(JSON.parse(rows[13]?.forecasts ?? '')).toEqual([]);
    expect(JSON.parse(rows[14]?.forecasts ?? '')).toHaveLength(126);
    await keeper.keep();
    await newKeeper().keep();
    expect(await kept()).toEqual(rows);
  });

  test('forecasts kept day by day, in one go, by many at once or after a kill are the same', async () => {
    await store.advanceDays(40, CLICK);
    await newKeeper().keep();
    const atOnce = contents(await kept());
    await store.reset();
    const daily = newKeeper();
    for (let day = 0; day < 40; day++) {
      await store.advanceDays(1, CLICK);
      await daily.keep();
    }
    expect(contents(await kept())).toEqual(atOnce);
    await store.reset();
    await store.advanceDays(40, CLICK);
    await Promise.all(Array.from({ length: 4 }, () => newKeeper().keep()));
    expect(contents(await kept())).toEqual(atOnce);
    // A keeper that is killed between two statements leaves the evenings of the first.
    const { runId = '' } = (await store.readState()) ?? {};
    await pool.query('DELETE FROM run_forecasts WHERE run_id = ? AND day_index > 17', [runId]);
    await newKeeper().keep();
    expect(contents(await kept())).toEqual(atOnce);
  });

  test('a keeper without room for past evenings keeps the same for the next run as for the first', async () => {
    await store.advanceDays(DAYS, CLICK);
    await newKeeper().keep();
    const expected = contents(await kept());
    const narrow = forecastKeeper({ pool, store, now: () => performance.now(), mostCharacters: 1 });
    await store.reset();
    for (const days of [30, 1, DAYS - 31]) {
      await store.advanceDays(days, CLICK);
      await narrow.keep();
    }
    expect(contents(await kept())).toEqual(expected);
    await store.reset();
    await store.advanceDays(DAYS, CLICK);
    await narrow.keep();
    expect(contents(await kept())).toEqual(expected);
  });

  test('a data set with too many pairs keeps nothing', async () => {
    await store.advanceDays(20, CLICK);
    const options = { pool, store, now: () => performance.now() };
    expect(await forecastKeeper({ ...options, mostPairs: 99 }).keep()).toMatchObject({ dayIndex: 19 });
    expect(await kept()).toEqual([]);
    await forecastKeeper({ ...options, mostPairs: 100 }).keep();
    expect(await kept()).toHaveLength(21);
  });

  test('the last day has an evening without a next day', async () => {
    await store.advanceDays(DAYS, CLICK);
    await newKeeper().keep();
    expect((await kept()).at(-1)).toMatchObject({ day_index: DAYS, date: null });
  });

  test('a forecast that is kept stays, whatever would be forecast today', async () => {
    await store.advanceDays(20, CLICK);
    await newKeeper().keep();
    const { runId = '' } = (await store.readState()) ?? {};
    await pool.query("UPDATE run_forecasts SET forecasts = '[]' WHERE run_id = ? AND day_index = 20", [
      runId,
    ]);
    await store.advanceDays(1, CLICK);
    await newKeeper().keep();
    const rows = await kept();
    expect(rows.map(({ day_index }) => day_index).at(-1)).toBe(21);
    expect(rows[20]?.forecasts).toBe('[]');
  });

  test('another data set starts from its own days', async () => {
    const keeper = newKeeper();
    await store.advanceDays(30, CLICK);
    await keeper.keep();
    const before = contents(await kept());
    await load(2);
    await store.reset();
    await store.advanceDays(30, CLICK);
    await keeper.keep();
    const after = contents(await kept());
    await store.reset();
    await store.advanceDays(30, CLICK);
    await newKeeper().keep();
    expect(contents(await kept())).toEqual(after);
    expect(after[20]?.forecasts).not.toBe(before[20]?.forecasts);
    await load(1);
  });
});

describe('GET /demand/forecasts', () => {
  function get(target: string) {
    const routes = runForecastsApi({
      keeper: newKeeper(),
      readCalendar: (id) => store.readCalendar(id),
      readEvenings: (runId, dayIndexes) => readEvenings(pool, runId, dayIndexes),
      readDay: async (date) => (await readDays(pool, null, [date]))?.get(date) ?? [],
      readSeries: (runId, series, between) => readSeries(pool, runId, series, between),
      readUnits: (series, between) => readUnits(pool, series, between),
    });
    return ask(createApiHandler({ routes, log: recordingLog().log }), apiEvent(`GET ${target}`));
  }

  test('a played day has forecasts, what was sold, and the accuracy up to it', async () => {
    await store.advanceDays(40, CLICK);
    const { statusCode, json } = await get('/demand/forecasts?day=31');
    expect(statusCode).toBe(200);
    expect(json).toMatchObject({ day: 31, date: '2022-01-31' });
    expect(json.series).toHaveLength(126);
    const [sold] = await select<{ units: number }>(
      pool,
      "SELECT SUM(units_sold) AS units FROM sales_facts WHERE date = '2022-01-31'",
    );
    expect(json.series.at(-1)).toMatchObject({ level: 'all', actual: Number(sold?.units), sold_out: null });
    expect(json.series[0]).toMatchObject({ level: 'item', store_id: 'S001', product_id: 'P0001' });
    const { forecasts, sold_out, wape, seasonal_naive_wape, plan_wape } = json.accuracy;
    expect(forecasts + sold_out).toBe(17 * 100);
    for (const figure of [wape, seasonal_naive_wape, plan_wape]) expect(figure).toBeGreaterThan(0);
  });

  test('the day after the current one has forecasts and no actual units, and the accuracy so far', async () => {
    await store.advanceDays(30, CLICK);
    const [next, current] = [await get('/demand/forecasts?day=31'), await get('/demand/forecasts')];
    expect(next.json.series[0]).toMatchObject({ actual: null, sold_out: null });
    expect(current.json.day).toBe(30);
    expect(next.json.accuracy).toEqual(current.json.accuracy);
    const later = await get('/demand/forecasts?day=32');
    expect(later.statusCode).toBe(400);
    expect(later.json).toMatchObject({
      code: 'invalid_day',
      detail: 'day 32 is out of range: the run has forecasts for days 1 to 31.',
    });
  });

  test('the first two weeks have no forecasts and no accuracy', async () => {
    const { json } = await get('/demand/forecasts');
    expect(json).toMatchObject({ day: 1, series: [], accuracy: { wape: null, forecasts: 0 } });
  });

  test.each([
    ['the total', '', (one: Series) => one.level === 'all'],
    ['a store', '&store_id=S002', (one: Series) => one.level === 'store' && one.store_id === 'S002'],
    [
      'a product',
      '&product_id=P0003',
      (one: Series) => one.level === 'product' && one.product_id === 'P0003',
    ],
    [
      'a pair',
      '&store_id=S002&product_id=P0003',
      (one: Series) => one.store_id === 'S002' && one.product_id === 'P0003',
    ],
  ])('the history of %s equals the answers of its single days', async (_what, ids, isAsked) => {
    await store.advanceDays(40, CLICK);
    const { statusCode, json } = await get(`/demand/forecasts?day=41&days=41${ids}`);
    expect(statusCode).toBe(200);
    expect(json.series).toHaveLength(1);
    expect(json.history.map(({ day }: { day: number }) => day)).toEqual(
      Array.from({ length: 41 }, (_, index) => index + 1),
    );
    for (const day of [15, 31, 40, 41]) {
      const single = (await get(`/demand/forecasts?day=${day}`)).json;
      const { forecast_units, intervals, actual } = single.series.find(isAsked);
      expect(json.history[day - 1]).toEqual({ day, date: single.date, forecast_units, intervals, actual });
    }
    expect(json.history[13]).toMatchObject({ day: 14, forecast_units: null, intervals: [] });
    expect(json.history[13].actual).toBeGreaterThan(0);
  });

  test('a history begins at the first day, has nothing of an unknown id, and is left out unless it is asked for', async () => {
    await store.advanceDays(20, CLICK);
    const { json } = await get('/demand/forecasts?day=20&days=500');
    expect(json.history).toHaveLength(20);
    const none = await get('/demand/forecasts?day=20&days=2&store_id=S00');
    expect(none.json.series).toEqual([]);
    expect(none.json.history).toMatchObject([
      { day: 19, forecast_units: null, actual: null },
      { day: 20, forecast_units: null, actual: null },
    ]);
    expect((await get('/demand/forecasts?day=20')).json).not.toHaveProperty('history');
    expect((await get('/demand/forecasts?day=20&days=0')).statusCode).toBe(422);
  });

  test('an id that holds another one, quotes or brackets is told from it', async () => {
    await store.advanceDays(20, CLICK);
    await newKeeper().keep();
    const { runId = '' } = (await store.readState()) ?? {};
    const odd = 'S"],[null,';
    const entries = [
      [odd, 'P0001', 1, 0, 2, 0, 3],
      [odd, null, 4, 3, 5, 2, 6],
      [null, null, 7, 6, 8, 5, 9],
    ];
    await pool.query('UPDATE run_forecasts SET forecasts = ? WHERE run_id = ? AND day_index = 19', [
      JSON.stringify(entries),
      runId,
    ]);
    const unitsOf = async (store_id: string | null, product_id: string | null) =>
      (await readSeries(pool, runId, { store_id, product_id }, [19, 19])).get(19)?.units;
    expect(await unitsOf(odd, 'P0001')).toBe(1);
    expect(await unitsOf(odd, null)).toBe(4);
    expect(await unitsOf(null, null)).toBe(7);
    expect(await unitsOf('S', null)).toBeUndefined();
  });
});
