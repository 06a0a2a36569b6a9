import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type SalesReader, salesApi } from '../../../../functions/sales/api.ts';
import type { RecentSale } from '../../../../shared/api/sales.ts';
import { createApiHandler } from '../../../../shared/http/api-handler.ts';
import { apiEvent, ask, recordingLog } from '../../../support/api-events.ts';
import { memorySimulationStore } from '../../../support/memory-simulation-store.ts';

const sale: RecentSale = {
  store_id: 'S001',
  product_id: 'P0001',
  date: '2022-01-01',
  units_sold: 127,
  price: 33.5,
  discount: 0,
  is_holiday_promo: 0,
  weather: 'Rainy',
  received_at: '2026-01-01T00:00:01.000Z',
  id: 1,
  category: 'Toys',
  region: 'North',
  net_price: 33.5,
  net_revenue: 4254.5,
  promotion: null,
  weather_condition: null,
};

/** Recorded responses of the original; its 0 % discounts are null and its times have no zone. */
const recorded: { request: string; body: { events: Record<string, unknown>[] } }[] = JSON.parse(
  readFileSync(new URL('../../../golden/responses/live.json', import.meta.url), 'utf8'),
);

async function client({ started = true, ...reader }: Partial<SalesReader> & { started?: boolean } = {}) {
  const store = memorySimulationStore();
  if (started) await store.register({ dates: ['2022-01-01'] });
  const asked: unknown[] = [];
  const sales: SalesReader = {
    recent: async (runId, limit, dayIndex) => {
      asked.push({ runId, limit, dayIndex });
      return [sale];
    },
    validCombo: async () => ({ store_id: 'S001', product_id: 'P0001', days: 731 }),
    ...reader,
  };
  const handler = createApiHandler({ routes: salesApi(store, sales), log: recordingLog().log });
  return { store, asked, get: (target: string) => ask(handler, apiEvent(`GET ${target}`)) };
}

describe('recent sales', () => {
  it('recent sales are those of the current run, at most twenty by default', async () => {
    const { get, asked, store } = await client();
    expect((await get('/sales/recent')).json).toEqual({ events: [sale] });
    expect(asked).toEqual([{ runId: (await store.readState())?.runId, limit: 20 }]);
  });

  it('recent sales begin with the fields that existing clients expect, in their order', async () => {
    const { get } = await client();
    const original = recorded.find(({ request }) => request === 'GET /sales/recent?limit=1')?.body.events[0];
    const [ours] = (await get('/sales/recent')).json.events;
    const expected = Object.keys(original ?? {});
    expect(expected.length).toBeGreaterThan(0);
    expect(Object.keys(ours).slice(0, expected.length)).toEqual(expected);
  });

  it('recent sales are empty, without a query, before the first init or with a limit of 0', async () => {
    const before = await client({ started: false });
    expect((await before.get('/sales/recent')).json).toEqual({ events: [] });
    const { get, asked } = await client();
    expect((await get('/sales/recent?limit=0')).json).toEqual({ events: [] });
    expect([...before.asked, ...asked]).toEqual([]);
  });

  it.each(['-1', '10001', 'abc', '1.5', ''])(
    'limit=%s is rejected with the name of the field',
    async (limit) => {
      const { get } = await client();
      const response = await get(`/sales/recent?limit=${limit}`);
      expect(response.json).toMatchObject({ status: 422, errors: [{ field: 'query.limit' }] });
    },
  );

  it('a day narrows the sales to those of that day, which has the index before it', async () => {
    const { get, asked } = await client();
    expect((await get('/sales/recent?day=1')).json).toEqual({ events: [sale] });
    expect(asked).toMatchObject([{ dayIndex: 0 }]);
  });

  it.each(['0', '-1', '2', '99999999999999999999'])(
    'day=%s is an invalid day of a run with one day, whatever the limit',
    async (day) => {
      const { get, asked } = await client();
      for (const limit of [0, 20]) {
        const { json } = await get(`/sales/recent?limit=${limit}&day=${day}`);
        expect(json).toMatchObject({
          status: 400,
          code: 'invalid_day',
          detail: expect.stringContaining('days 1 to 1'),
        });
      }
      expect(asked).toEqual([]);
    },
  );

  it('every day is an invalid day before the first init', async () => {
    const { get } = await client({ started: false });
    expect((await get('/sales/recent?day=1')).json).toMatchObject({
      code: 'invalid_day',
      detail: expect.stringContaining('not been initialized'),
    });
  });

  it('unknown parameters are ignored', async () => {
    const { get, asked } = await client();
    await get('/sales/recent?limit=10000&store=S001&utm_source=x');
    expect(asked).toMatchObject([{ limit: 10_000 }]);
  });

  it('recent sales are unavailable while MySQL is', async () => {
    const recent = () => Promise.reject(Object.assign(new Error('connect'), { code: 'ECONNREFUSED' }));
    const response = await (await client({ recent })).get('/sales/recent');
    expect(response.json).toMatchObject({ status: 503, code: 'dependency_unavailable' });
    expect(response.headers['retry-after']).toBeDefined();
  });
});

describe('a valid combo', () => {
  it('the valid combo is a store and product with their days of history', async () => {
    const { get } = await client();
    const { json } = await get('/sales/valid-combo');
    expect(json).toEqual({ store_id: 'S001', product_id: 'P0001', days: 731 });
  });

  it('the valid combo is not_found without a data set', async () => {
    const { get } = await client({ validCombo: async () => null });
    expect((await get('/sales/valid-combo')).json).toMatchObject({ status: 404, code: 'not_found' });
  });
});
