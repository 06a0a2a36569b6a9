import { afterAll, beforeAll, expect, it } from 'vitest';
import { LOADING_SESSION, runEtl } from '../../../../functions/etl/etl.ts';
import { forecastApi } from '../../../../functions/forecast/api.ts';
import { pairCounter } from '../../../../functions/forecast/level-pairs.ts';
import { readProducts } from '../../../../functions/forecast/replenishment.ts';
import { openDataset } from '../../../../shared/dataset/open-dataset.ts';
import { historyReader } from '../../../../shared/history/product-history.ts';
import { type ApiFunction, createApiHandler } from '../../../../shared/http/api-handler.ts';
import type { Pool } from '../../../../shared/mysql/connection.ts';
import { apiEvent, ask, jsonEvent, recordingLog } from '../../../support/api-events.ts';
import { GOLDEN_DATA_SET } from '../../../support/golden-history.ts';
import { freshDatabase, freshStore } from '../../../support/stores.ts';

let pool: Pool;
let handler: ApiFunction;

beforeAll(async () => {
  pool = (await freshDatabase()).open({ session: LOADING_SESSION });
  const store = await freshStore();
  const now = () => performance.now();
  const dataset = openDataset({ kind: 'file', path: GOLDEN_DATA_SET });
  await runEtl({ pool, store, log: { info: () => {} }, now }, dataset);
  const sources = {
    history: historyReader(pool, now),
    store,
    readProducts: () => readProducts(pool),
    countPairs: pairCounter(pool),
  };
  handler = createApiHandler({ routes: forecastApi(sources), log: recordingLog().log });
});
afterAll(() => pool.end());

interface Series {
  readonly level: string;
  readonly forecast: readonly { readonly forecast_units: number }[];
}

it('one request forecasts all series of the data set, which agree, and the second one is cached', async () => {
  const first = await ask(handler, apiEvent('GET /demand/forecast?level=all&day=300&horizon=1'));
  expect(first.statusCode).toBe(200);
  const series: Series[] = first.json.series;
  const unitsOf = (level: string) =>
    series.flatMap((one) => (one.level === level ? [Number(one.forecast[0]?.forecast_units)] : []));
  expect(['all', 'store', 'product', 'item'].map((level) => unitsOf(level).length)).toEqual([1, 5, 20, 100]);
  for (const level of ['store', 'product', 'item']) {
    const sum = unitsOf(level).reduce((total, units) => total + units, 0);
    expect(sum).toBeCloseTo(Number(unitsOf('all')[0]), 6);
  }
  const started = process.cpuUsage();
  const store = await ask(handler, apiEvent('GET /demand/forecast?level=store&store_id=S001&day=300'));
  const { user, system } = process.cpuUsage(started);
  expect(store.json.reconciliation).toBe(first.json.reconciliation);
  expect((user + system) / 1e3).toBeLessThan(500);
});

it('pairs are counted up to a limit, of all stores, of one, or of one product', async () => {
  const count = pairCounter(pool);
  expect(await count(501)).toBe(100);
  expect(await count(7)).toBe(7);
  expect(await count(501, { storeId: 'S003' })).toBe(20);
  expect(await count(9, { storeId: 'S003' })).toBe(9);
  expect(await count(501, { storeId: 'S999' })).toBe(0);
  expect(await count(501, { productId: 'P0003' })).toBe(5);
  expect(await count(3, { productId: 'P0003' })).toBe(3);
});

it('the history of a product in one store is that part of its whole history', async () => {
  const history = historyReader(pool, () => performance.now());
  const { sales } = await history.product('P0003');
  expect((await history.product('P0003', 'S002')).sales).toEqual(
    sales.filter(({ storeId }) => storeId === 'S002'),
  );
  expect((await history.product('P0003', 'S999')).sales).toEqual([]);
  expect(await readProducts(pool, 'S002')).toEqual(await readProducts(pool));
  expect(await readProducts(pool, 'S999')).toEqual([]);
});

it.each(['level=all', 'level=store&store_id=S002', 'level=product&product_id=P0003'])(
  'without reconciliation, %s is forecast for itself, near what all levels together say',
  async (level) => {
    const target = `GET /demand/forecast?${level}&day=300&history=2`;
    const { statusCode, json } = await ask(handler, apiEvent(`${target}&reconciliation=none`));
    expect(statusCode).toBe(200);
    expect(json).not.toHaveProperty('series');
    expect(json).not.toHaveProperty('reconciliation_backtest');
    expect(json).toMatchObject({ reconciliation: null, horizon: 7, history_days_used: 300 });
    const reconciled = (await ask(handler, apiEvent(target))).json;
    expect(json.history).toEqual(reconciled.history);
    expect(json.forecast.map(({ date }: { date: string }) => date)).toEqual(
      reconciled.forecast.map(({ date }: { date: string }) => date),
    );
    for (const [index, step] of json.forecast.entries()) {
      const off = step.forecast_units / reconciled.forecast[index].forecast_units - 1;
      expect(Math.abs(off)).toBeLessThan(0.15);
      expect(step.intervals.map((one: { level: number }) => one.level)).toEqual([80, 95]);
    }
    const again = await ask(handler, apiEvent(`${target}&reconciliation=none`));
    expect(again.json).toEqual(json);
  },
);

it('without reconciliation, one item keeps its own forecast, and unknown ids are not found', async () => {
  const target = 'GET /demand/forecast?store_id=S001&product_id=P0001&day=300';
  const own = await ask(handler, apiEvent(target));
  const alone = await ask(handler, apiEvent(`${target}&level=item&reconciliation=none`));
  expect(alone.json).toEqual({ ...own.json, reconciliation: null });
  const none = await ask(
    handler,
    apiEvent('GET /demand/forecast?level=store&store_id=S9&reconciliation=none'),
  );
  expect(none.statusCode).toBe(404);
});

it('a plan for a pair is answered from what MySQL knows of its prices', async () => {
  const days = [{ date: '2022-10-28', price: 30, discount: 0, promotion: true }];
  const target = 'POST /demand/forecast?store_id=S001&product_id=P0001&day=300&horizon=2';
  const { statusCode, json } = await ask(handler, jsonEvent(target, { days }));
  expect(statusCode).toBe(200);
  expect(json.forecast[0].offer).toEqual({ net_price: 30, promotion: true, planned: true });
  expect(json.forecast[1].offer).toMatchObject({ planned: false });
  expect(json.excluded_models).toEqual([]);
});
