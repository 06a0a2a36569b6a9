import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { forecastApi } from '../../../../functions/forecast/api.ts';
import { productBacktest } from '../../../../functions/forecast/product-backtest.ts';
import type { ProductSale } from '../../../../shared/analytics/product-sale.ts';
import { forecastRoutes } from '../../../../shared/api/forecast.ts';
import { MODEL_NAMES } from '../../../../shared/api/forecast-models.ts';
import { routeKey } from '../../../../shared/api/route.ts';
import type { HistoryReader } from '../../../../shared/history/product-history.ts';
import { type ApiFunction, createApiHandler } from '../../../../shared/http/api-handler.ts';
import { apiEvent, ask, jsonEvent, recordingLog } from '../../../support/api-events.ts';
import { goldenHistory } from '../../../support/golden-history.ts';
import { type MemoryStore, memorySimulationStore } from '../../../support/memory-simulation-store.ts';

const golden = goldenHistory();
const CLICK = { requestedAt: '2026-01-01T00:00:00.000Z', traceparent: '' };
const PAIR = '/demand/forecast?store_id=S001&product_id=P0001';

/** Two of the data set's products: forecasts of all levels take a second with all of them. */
const PRODUCTS = ['P0001', 'P0002'];

let pairs = 10;
const countPairs = async (limit: number) => Math.min(limit, pairs);

let store: MemoryStore;
let handler: ApiFunction;
let logged: () => string;

function serve(history: HistoryReader): void {
  const recording = recordingLog();
  logged = recording.text;
  handler = createApiHandler({
    routes: forecastApi({ history, store, readProducts: async () => PRODUCTS, countPairs }),
    log: recording.log,
  });
}

beforeEach(async () => {
  store = memorySimulationStore();
  await store.register({ dates: golden.dataSet.dates });
  pairs = 10;
  serve(golden);
});

describe('a data set with many products in stores', () => {
  it('a forecast of a level is refused with a remedy, and one of a single product in one store is not', async () => {
    pairs = 2_000;
    const { statusCode, json } = await get('/demand/forecast?level=all&day=300');
    expect(statusCode).toBe(422);
    expect(json).toMatchObject({
      code: 'invalid_request',
      detail: expect.stringMatching(/more than 500 products in stores.*one product in one store/s),
      errors: [{ field: 'query.level' }],
    });
    expect(await get(`${PAIR}&day=300`)).toMatchObject({ statusCode: 200 });
  });
});

function get(target: string, headers: Record<string, string> = {}) {
  return ask(handler, apiEvent(`GET ${target}`, { headers }));
}

const UNUSED = { isPromotion: false, isPromoted: false, weather: 'Sunny', inventory: 500, ordered: 0 };

function sale(date: string, units: number, storeId = 'S001'): ProductSale {
  return { date, storeId, units, price: 1, discount: 0, competitorPrice: 1, ...UNUSED };
}

const dateOf = (day: number) => new Date(Date.UTC(2022, 0, day)).toISOString().slice(0, 10);
const salesOf = (units: number[], storeId?: string) =>
  units.map((each, index) => sale(dateOf(index + 1), each, storeId));

interface Step {
  date: string;
  forecast_units: number;
  intervals: { level: number; lower: number; upper: number }[];
}

describe('a forecast', () => {
  it('a forecast covers a week with 80 and 95 % intervals by default', async () => {
    const { json } = await get(`${PAIR}&day=100`);
    const steps: Step[] = json.forecast;
    expect(json).toMatchObject({ analysis_up_to_day: '2022-04-10', history_days_used: 100, horizon: 7 });
    expect(steps.map(({ date }) => date)).toEqual([101, 102, 103, 104, 105, 106, 107].map(dateOf));
    for (const { forecast_units, intervals } of steps) {
      expect(intervals.map(({ level }) => level)).toEqual([80, 95]);
      const [narrow, wide] = intervals;
      const bounds = [wide?.lower, narrow?.lower, forecast_units, narrow?.upper, wide?.upper].map(Number);
      expect(bounds).toEqual(bounds.toSorted((a, b) => a - b));
    }
  });

  it('a forecast compares every model with the baseline', async () => {
    const { json } = await get(`${PAIR}&day=200`);
    const { models } = json.backtest;
    expect(models.map(({ model }: { model: string }) => model)).toEqual(MODEL_NAMES);
    const chosen = models.find(({ model }: { model: string }) => model === json.model);
    expect(chosen.rmsse).toBeLessThan(models[0].rmsse);
    expect(json.baseline).toMatchObject({ model: 'seasonal_naive', rmsse: models[0].rmsse });
  });

  it('a longer forecast begins with the shorter one', async () => {
    const [short, long] = [await get(`${PAIR}&day=90&horizon=5`), await get(`${PAIR}&day=90&horizon=28`)];
    expect(long.json.forecast).toHaveLength(28);
    expect(long.json.forecast.slice(0, 5)).toEqual(short.json.forecast);
  });

  it.each(MODEL_NAMES)('a forecast is made by %s if that is asked for', async (model) => {
    expect((await get(`${PAIR}&day=60&model=${model}`)).json).toMatchObject({ model });
  });

  it.each([
    ['50', [50]],
    ['95,80, 95', [95, 80]],
    ['99.5', [99.5]],
  ])('a forecast has intervals of the levels %s', async (level, levels) => {
    const { json } = await get(`${PAIR}&day=40&level=${encodeURIComponent(level)}`);
    expect(json.forecast[0].intervals.map((each: { level: number }) => each.level)).toEqual(levels);
  });

  it('a forecast without a day starts from the simulation’s current day', async () => {
    await store.advanceDays(30, CLICK);
    const { json, headers } = await get(PAIR);
    expect(json).toMatchObject({ analysis_up_to_day: '2022-01-30', history_days_used: 30 });
    expect(headers).not.toHaveProperty('etag');
    await store.advanceDays(1, CLICK);
    expect((await get(PAIR)).json).toMatchObject({ history_days_used: 31 });
  });

  it('a forecast counts a date without a row as a day without sales', async () => {
    const sales = salesOf(Array.from({ length: 30 }, () => 7)).filter((_, index) => index !== 10);
    serve({ product: async () => ({ dataSet: golden.dataSet, sales }) });
    expect((await get(PAIR)).json).toMatchObject({ history_days_used: 30 });
  });
});

describe('a forecast under a plan', () => {
  const plan = (days: unknown) => ask(handler, jsonEvent(`POST ${PAIR}&day=300&horizon=3`, { days }));
  const offer = (day: number, parts: Record<string, unknown> = {}) => ({
    date: dateOf(day),
    price: 40,
    discount: 10,
    promotion: false,
    ...parts,
  });

  it('a forecast begins after the simulation’s day, however long ago the pair sold last', async () => {
    const rare = golden.dataSet.dates.slice(0, 60).filter((_, day) => day % 9 === 0);
    const sales = rare.map((date) => sale(date, 3));
    serve({ ...golden, product: async () => ({ dataSet: golden.dataSet, sales }) });
    const day = 90;
    const { json } = await get(`${PAIR}&day=${day}&history=40`);
    expect(json.analysis_up_to_day).toBe(golden.dataSet.dates[day - 1]);
    expect(json.forecast[0].date).toBe(golden.dataSet.dates[day]);
    expect(json.history.at(-1)).toEqual({ date: golden.dataSet.dates[day - 1], units_sold: 0 });
    const later = (await get(`${PAIR}&day=${day + 1}&history=40`)).json;
    expect(later.analysis_up_to_day).toBe(golden.dataSet.dates[day]);
    const backtest = (await get(`/demand/backtest?product_id=P0001&day=${day}`)).json;
    expect(backtest.stores[0].history_days_used).toBe(json.history_days_used);
  });

  it('a planned day has its own offer, and other days keep the last known one', async () => {
    const { statusCode, json } = await plan([offer(302, { promotion: true })]);
    expect(statusCode).toBe(200);
    const [first, second, third] = json.forecast.map((step: { offer: unknown }) => step.offer);
    expect(second).toEqual({ net_price: 36, promotion: true, planned: true });
    expect(first).toMatchObject({ planned: false });
    expect(third).toEqual(first);
  });

  it('a lower price sells more under the regression', async () => {
    const unitsAt = async (price: number) => {
      const days = [offer(301, { price }), offer(302, { price }), offer(303, { price })];
      const target = `POST ${PAIR}&day=300&horizon=3&model=regression`;
      const { json } = await ask(handler, jsonEvent(target, { days }));
      return json.forecast.reduce((sum: number, step: Step) => sum + step.forecast_units, 0);
    };
    expect(await unitsAt(30)).toBeGreaterThan(await unitsAt(45));
  });

  it('a forecast without a plan assumes the last known offer', async () => {
    const { json } = await get(`${PAIR}&day=300`);
    expect(json.excluded_models).toEqual([]);
    for (const { offer } of json.forecast)
      expect(offer).toEqual({ ...json.forecast[0].offer, planned: false });
  });

  it('a data set without prices says why the regression can’t be chosen', async () => {
    const sales = salesOf(Array.from({ length: 60 }, (_, day) => 5 + (day % 7)));
    serve({
      product: async () => ({ dataSet: golden.dataSet, sales: sales.map((each) => ({ ...each, price: 0 })) }),
    });
    const { json } = await get(PAIR);
    expect(json.forecast[0].offer).toBeNull();
    expect(json.excluded_models).toEqual([
      { model: 'regression', reason: 'The data set has no prices for this series.' },
    ]);
  });

  it('a plan takes the level item by name, and levels of its intervals', async () => {
    const days = [offer(301)];
    const at = `POST ${PAIR}&day=300&horizon=3&level=`;
    const [plain, named, chosen] = await Promise.all(
      ['80,95', 'item', 'item,60'].map((level) => ask(handler, jsonEvent(`${at}${level}`, { days }))),
    );
    expect(named?.json).toEqual(plain?.json);
    expect(chosen?.json.forecast[0].intervals).toMatchObject([{ level: 60 }]);
  });

  it.each(['store', 'product', 'all', 'store,80'])(
    'a plan for the level %s is rejected by its field',
    async (level) => {
      const target = `POST ${PAIR}&day=300&level=${level}`;
      const { statusCode, json } = await ask(handler, jsonEvent(target, { days: [offer(301)] }));
      expect(statusCode).toBe(422);
      expect(json.errors).toEqual([
        { field: 'query.level', message: expect.stringMatching(/^a plan is for one product in one store/) },
      ]);
    },
  );

  it.each([
    ['a day that is not forecast', [offer(301), offer(304)], 'body.days[1].date'],
    ['a day of the past', [offer(300)], 'body.days[0].date'],
    ['a date that does not exist', [offer(301, { date: '2022-02-30' })], 'body.days[0].date'],
    ['a day that is planned twice', [offer(302), offer(302)], 'body.days[1].date'],
    ['a negative price', [offer(301, { price: -1 })], 'body.days[0].price'],
    ['a price of zero', [offer(301, { price: 0 })], 'body.days[0].price'],
    ['a negative discount', [offer(301, { discount: -5 })], 'body.days[0].discount'],
    ['a discount of all', [offer(301, { discount: 100 })], 'body.days[0].discount'],
    ['a promotion that is no boolean', [offer(301, { promotion: 1 })], 'body.days[0].promotion'],
    ['a missing price', [offer(301, { price: undefined })], 'body.days[0].price'],
    ['an empty plan', [], 'body.days'],
    ['a plan that is no list', 'all', 'body.days'],
  ])('%s is rejected with the name of its field', async (_, days, field) => {
    const { statusCode, json } = await plan(days);
    expect(statusCode).toBe(422);
    expect(json.errors).toMatchObject([{ field }]);
  });
});

describe('forecasts of all levels', () => {
  const AT = 'day=200&horizon=5';
  const unitsOf = ({ forecast }: { forecast: Step[] }) =>
    forecast.map(({ forecast_units }) => forecast_units);
  const sumOf = (paths: number[][]) =>
    (paths[0] ?? []).map((_, step) =>
      Number(paths.reduce((sum, path) => sum + Number(path[step]), 0).toFixed(2)),
    );

  it('one request has every series, and their sums agree to the cent', async () => {
    const { statusCode, json } = await get(`/demand/forecast?level=all&${AT}`);
    expect(statusCode).toBe(200);
    expect(json).toMatchObject({ level: 'all', store_id: null, product_id: null, horizon: 5 });
    const of = (level: string) => json.series.filter((one: { level: string }) => one.level === level);
    expect([of('all'), of('store'), of('product'), of('item')].map((each) => each.length)).toEqual([
      1, 5, 2, 10,
    ]);
    for (const level of ['store', 'product', 'item'])
      expect(sumOf(of(level).map(unitsOf))).toEqual(unitsOf(json));
    const methods = json.reconciliation_backtest.methods.map(({ method }: { method: string }) => method);
    expect(methods).toContain(json.reconciliation);
  });

  it('a forecast that is known is answered without the histories of its products', async () => {
    const read: string[] = [];
    serve({
      product: (id, storeId) => {
        read.push(id);
        return golden.product(id, storeId);
      },
    });
    for (const method of ['none', 'bottom_up']) {
      const target = `/demand/forecast?level=store&store_id=S001&reconciliation=${method}&${AT}`;
      const first = await get(target);
      expect(new Set(read)).toEqual(new Set(PRODUCTS));
      read.length = 0;
      expect((await get(target)).json).toEqual(first.json);
      expect(read).toEqual(PRODUCTS.slice(0, 1));
      read.length = 0;
    }
  });

  it('answers of different levels agree', async () => {
    const all = (await get(`/demand/forecast?level=all&${AT}`)).json;
    const find = (level: string, store_id: string | null, product_id: string | null) =>
      all.series.find(
        (one: Record<string, unknown>) =>
          one.level === level && one.store_id === store_id && one.product_id === product_id,
      );
    const store = (await get(`/demand/forecast?level=store&store_id=S002&${AT}`)).json;
    const product = (await get(`/demand/forecast?level=product&product_id=P0002&${AT}`)).json;
    const item = (await get(`/demand/forecast?level=item&store_id=S002&product_id=P0002&${AT}`)).json;
    expect(unitsOf(store)).toEqual(unitsOf(find('store', 'S002', null)));
    expect(unitsOf(product)).toEqual(unitsOf(find('product', null, 'P0002')));
    expect(unitsOf(item)).toEqual(unitsOf(find('item', 'S002', 'P0002')));
    expect(store.series.map(({ level }: { level: string }) => level)).toEqual(['store', 'item', 'item']);
    expect(store.excluded_models).toMatchObject([{ model: 'regression' }]);
    expect(new Set([store, product, item].map(({ reconciliation }) => reconciliation)).size).toBe(1);
  });

  it('bottom-up sums are those of the forecasts that pairs have alone', async () => {
    const store = (await get(`/demand/forecast?level=store&store_id=S003&reconciliation=bottom_up&${AT}`))
      .json;
    const alone = await Promise.all(
      PRODUCTS.map(async (id) => (await get(`/demand/forecast?store_id=S003&product_id=${id}&${AT}`)).json),
    );
    expect(alone.map(({ level, reconciliation }) => [level, reconciliation])).toEqual([
      ['item', 'bottom_up'],
      ['item', 'bottom_up'],
    ]);
    expect(unitsOf(store)).toEqual(sumOf(alone.map(unitsOf)));
    expect(store.series[1].forecast).toEqual(
      alone[0].forecast.map(({ offer: _, ...step }: { offer: unknown }) => step),
    );
  });

  it('a level comes with the intervals asked for, its history and an entity tag', async () => {
    const target = `/demand/forecast?level=product,50,90&product_id=P0001&history=3&${AT}`;
    const { json, headers } = await get(target);
    expect(json.forecast[0].intervals.map(({ level }: { level: number }) => level)).toEqual([50, 90]);
    const sold = await Promise.all(
      ['S001', 'S002', 'S003', 'S004', 'S005'].map(
        async (id) =>
          (await get(`/demand/forecast?store_id=${id}&product_id=P0001&history=3&${AT}`)).json.history,
      ),
    );
    const totals = sold[0].map((_: unknown, day: number) =>
      sold.reduce((sum, history) => sum + history[day].units_sold, 0),
    );
    expect(json.history.map(({ units_sold }: { units_sold: number }) => units_sold)).toEqual(totals);
    expect(await get(target, { 'if-none-match': String(headers.etag) })).toMatchObject({ statusCode: 304 });
  });

  it('forecasts of all levels follow the simulation’s current day', async () => {
    await store.advanceDays(30, CLICK);
    expect((await get('/demand/forecast?level=all')).json).toMatchObject({
      analysis_up_to_day: '2022-01-30',
      history_days_used: 30,
    });
    await store.advanceDays(1, CLICK);
    expect((await get('/demand/forecast?level=all')).json).toMatchObject({ history_days_used: 31 });
  });

  it.each([
    ['level=store', 'query.store_id'],
    ['level=product', 'query.product_id'],
    ['level=item&store_id=S001', 'query.product_id'],
    ['product_id=P0001', 'query.store_id'],
    ['level=region', 'query.level'],
    ['level=store,', 'query.level'],
    ['level=80,store', 'query.level'],
    ['level=all,80,100', 'query.level[1]'],
    ['level=all&reconciliation=ols', 'query.reconciliation'],
  ])('%s is rejected with the name of the parameter %s', async (query, field) => {
    const { statusCode, json } = await get(`/demand/forecast?${query}`);
    expect(statusCode).toBe(422);
    expect(json.errors).toMatchObject([{ field }]);
  });

  it.each([
    ['level=store&store_id=S009&day=100', 'No data found for store=S009'],
    ['level=product&product_id=P0099&day=100', 'No data found for product=P0099'],
    ['level=item&store_id=S009&product_id=P0001&day=100', 'No data found for store=S009 product=P0001'],
    ['level=all&day=19', 'Need 20+ days of data, got 19.'],
  ])('%s is not found', async (query, detail) => {
    const { statusCode, json } = await get(`/demand/forecast?${query}`);
    expect(statusCode).toBe(404);
    expect(json.detail).toBe(detail);
  });
});

describe('a backtest', () => {
  it('a backtest has a table for every store and their mean', async () => {
    const { json } = await get('/demand/backtest?product_id=P0001&day=150');
    const stores: { store_id: string; models: { rmsse: number }[] }[] = json.stores;
    expect(json).toMatchObject({ product_id: 'P0001', analysis_up_to_day: '2022-05-30', skipped_stores: [] });
    expect(stores.map(({ store_id }) => store_id)).toEqual(['S001', 'S002', 'S003', 'S004', 'S005']);
    const mean = stores.reduce((sum, { models }) => sum + Number(models[0]?.rmsse), 0) / stores.length;
    expect(json.models[0].rmsse).toBeCloseTo(mean, 4);
  });

  it('a store’s backtest equals the one in its forecast', async () => {
    const { json } = await get('/demand/backtest?product_id=P0002&day=80');
    const { windows, models } = (await get('/demand/forecast?store_id=S003&product_id=P0002&day=80')).json
      .backtest;
    expect(json.stores[2]).toMatchObject({ store_id: 'S003', windows, models });
  });

  it('a backtest skips stores with too short a history and measures without a value', () => {
    const still = salesOf(Array.from({ length: 60 }, () => 0));
    const sales = [...still, ...salesOf([1, 2, 3], 'S002')];
    const { stores, skipped_stores, models } = productBacktest({ sales, upTo: 'all' }, 'P0001', [80]);
    expect(stores.map(({ store_id }) => store_id)).toEqual(['S001']);
    expect(skipped_stores).toEqual(['S002']);
    expect(models).toEqual(stores[0]?.models);
  });
});

describe('with a day', () => {
  it.each([`${PAIR}&day=50`, '/demand/backtest?product_id=P0001&day=50'])(
    '%s is revalidated by its entity tag',
    async (target) => {
      const { headers } = await get(target);
      expect(await get(target, { 'if-none-match': String(headers.etag) })).toMatchObject({ statusCode: 304 });
    },
  );
});

describe('rejected requests', () => {
  it.each([
    [`${PAIR}&day=19`, 404, 'Need 20+ days of data, got 19.'],
    ['/demand/forecast?store_id=S009&product_id=P0001', 404, 'No data found for store=S009 product=P0001'],
    ['/demand/backtest?product_id=P0001&day=19', 404, 'Need 20+ days of data, got 19.'],
    ['/demand/backtest?product_id=P0099', 404, 'No data found for product=P0099'],
    [`${PAIR}&day=732`, 400, 'day 732 is out of range: the data set has days 1 to 731.'],
  ])('%s is answered with %i', async (target, status, detail) => {
    const { statusCode, json } = await get(target);
    expect(statusCode).toBe(status);
    expect(json.detail).toBe(detail);
  });

  it.each([
    ['horizon=0', 'query.horizon'],
    ['horizon=29', 'query.horizon'],
    ['level=0', 'query.level[0]'],
    ['level=80,100', 'query.level[1]'],
    ['level=', 'query.level'],
    ['level=80,', 'query.level'],
    ['level=1,2,3,4,5,6', 'query.level'],
    ['model=arima', 'query.model'],
  ])('%s is rejected with the name of the parameter %s', async (query, field) => {
    const { statusCode, json } = await get(`${PAIR}&${query}`);
    expect(statusCode).toBe(422);
    expect(json.errors).toMatchObject([{ field }]);
  });
});

describe('arbitrary requests', () => {
  const text = fc.oneof(
    fc.constantFrom('P0001', 'S001', '7', '28', '30', '50', 'auto', 'theta', '80,95', '1e5', 'NaN', ''),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const name = fc.constantFrom('store_id', 'product_id', 'horizon', 'day', 'level', 'model', 'x');
  const targets = forecastRoutes.map((route) => `${routeKey(route)}?store_id=S001&product_id=P0001&day=40`);

  it('every request gets a JSON answer and never a 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.constantFrom(...targets),
        fc.array(fc.tuple(name, text), { maxLength: 4 }),
        async (start, pairs) => {
          const response = await ask(handler, apiEvent(`${start}&${new URLSearchParams(pairs)}`));
          expect([200, 400, 404, 422]).toContain(response.statusCode);
        },
      ),
      { numRuns: 120 },
    );
    expect(logged()).not.toContain('request failed');
  });

  it('every number in an answer has a value whatever was sold', async () => {
    const units = fc.oneof(fc.constant(0), fc.nat({ max: 100 }), fc.nat({ max: 4_000_000_000 }));
    await fc.assert(
      fc.asyncProperty(fc.array(units, { minLength: 20, maxLength: 60 }), async (sold) => {
        serve({ product: async () => ({ dataSet: golden.dataSet, sales: salesOf(sold) }) });
        for (const target of [`${PAIR}&horizon=28&level=1,99.9`, '/demand/backtest?product_id=P0001']) {
          expect((await get(target)).statusCode).toBe(200);
        }
        expect(logged()).not.toContain('request failed');
      }),
      { numRuns: 30 },
    );
  });
});
