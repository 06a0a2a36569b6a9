import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { optimizeApi } from '../../../../functions/optimize/api.ts';
import type { TrialFilter, TrialRow } from '../../../../functions/optimize/stored-trials.ts';
import type { DemandOptimization } from '../../../../shared/forecast/demand-optimization.ts';
import type { HistoryReader } from '../../../../shared/history/product-history.ts';
import { type ApiFunction, createApiHandler } from '../../../../shared/http/api-handler.ts';
import { apiEvent, ask, recordingLog } from '../../../support/api-events.ts';
import { goldenHistory } from '../../../support/golden-history.ts';
import { type MemoryStore, memorySimulationStore } from '../../../support/memory-simulation-store.ts';

const history = goldenHistory();
const CLICK = { requestedAt: '2026-01-01T00:00:00.000Z', traceparent: '' };
const PAIR = 'store_id=S001&product_id=P0001';

let store: MemoryStore;
let handler: ApiFunction;
let inserted: { runId: string | null; study: DemandOptimization }[];
let listed: TrialRow[];
let asked: TrialFilter[];
let failure: Error | null;
let logged: () => string;
let source: HistoryReader;

beforeEach(async () => {
  store = memorySimulationStore();
  inserted = [];
  listed = [];
  asked = [];
  failure = null;
  const recording = recordingLog();
  logged = recording.text;
  source = history;
  handler = createApiHandler({
    routes: optimizeApi({
      history: { product: (id, storeId) => source.product(id, storeId) },
      store,
      trials: {
        async insert(runId, study) {
          if (failure) throw failure;
          inserted.push({ runId, study });
        },
        async newest(filter) {
          asked.push(filter);
          return listed.slice(0, filter.limit);
        },
      },
    }),
    log: recording.log,
  });
});

const post = (query: string) => ask(handler, apiEvent(`POST /optimize/demand?${query}`));
const list = (query = '') => ask(handler, apiEvent(`GET /optimize/history?${query}`));

function trial(id: number, rmse: number): TrialRow {
  return {
    id,
    study_name: 'S001_P0001',
    trial_number: id - 1,
    store_id: 'S001',
    product_id: 'P0001',
    _window: 2 + id,
    min_periods: 1,
    trend_window: 5,
    rmse,
    status: 'complete',
    completed_at: '2026-01-01T00:00:00.000Z',
    run_id: null,
  };
}

describe('a search', () => {
  it('a search returns what it stored with the current run', async () => {
    await store.register({ dates: history.dataSet.dates });
    const { json } = await post(`${PAIR}&n_trials=5&day=30`);
    expect(inserted).toEqual([{ runId: (await store.readState())?.runId, study: json }]);
  });

  it('the same question is searched once, and each time its trials are stored', async () => {
    const first = await post(`${PAIR}&n_trials=5&day=30`);
    const second = await post(`${PAIR}&n_trials=5&day=30`);
    expect(second.json).toEqual(first.json);
    expect(inserted).toHaveLength(2);
    expect(inserted[1]?.study).toBe(inserted[0]?.study);
  });

  it.each(['n_trials=6&day=30', 'n_trials=5&day=31', 'n_trials=5'])(
    'a question that differs is searched again: %s',
    async (other) => {
      await post(`${PAIR}&n_trials=5&day=30`);
      await post(`${PAIR}&${other}`);
      expect(inserted[1]?.study).not.toEqual(inserted[0]?.study);
    },
  );

  it('a search before the first run belongs to no run', async () => {
    expect((await post(`${PAIR}&n_trials=5`)).statusCode).toBe(200);
    expect(inserted).toMatchObject([{ runId: null }]);
  });

  it('a search uses history up to the day of the run that it is stored with', async () => {
    await store.register({ dates: history.dataSet.dates });
    await store.advanceDays(25, CLICK);
    const { json } = await post(PAIR);
    expect(json).toMatchObject({
      analysis_up_to_day: '2022-01-25',
      forecast: { history_days_used: 25 },
      optimization: { n_trials: 20 },
    });
  });

  it('equal searches return equal answers', async () => {
    expect((await post(`${PAIR}&day=100`)).body).toBe((await post(`${PAIR}&day=100`)).body);
  });

  it.each(['4', '51', '0', '-1', '99999999999999999999'])(
    'a search of %s trials is rejected before anything else',
    async (n) => {
      const { statusCode, json } = await post(`store_id=S009&product_id=P0099&day=0&n_trials=${n}`);
      expect(statusCode).toBe(400);
      expect(json).toMatchObject({ code: 'invalid_trials', detail: expect.stringContaining('5 and 50') });
    },
  );

  it.each(['5', '50'])('a search accepts %s trials', async (n) => {
    const { json } = await post(`${PAIR}&day=30&n_trials=${n}`);
    expect(json.optimization.all_trials).toHaveLength(Number(n));
  });

  it.each([
    [`${PAIR}&n_trials=5.5`, 'query.n_trials'],
    [`${PAIR}&n_trials=many`, 'query.n_trials'],
    ['product_id=P0001', 'query.store_id'],
    ['store_id=S001', 'query.product_id'],
    [`${PAIR}&day=x`, 'query.day'],
  ])('%s is rejected with the name of the parameter %s', async (query, field) => {
    const { statusCode, json } = await post(query);
    expect(statusCode).toBe(422);
    expect(json.errors).toMatchObject([{ field }]);
  });

  it.each([
    [`${PAIR}&day=19`, 404, 'Need 20+ days of data, got 19.'],
    ['store_id=S009&product_id=P0001', 404, 'No data found for store=S009 product=P0001'],
    ['store_id=S001&product_id=p0001', 404, 'No data found for store=S001 product=p0001'],
    [`${PAIR}&day=732`, 400, 'day 732 is out of range: the data set has days 1 to 731.'],
  ])('%s is answered with %i', async (query, status, detail) => {
    const { statusCode, json } = await post(query);
    expect(statusCode).toBe(status);
    expect(json.detail).toBe(detail);
    expect(inserted).toEqual([]);
  });

  it('a search that could not be stored returns no result', async () => {
    failure = Object.assign(new Error(), { code: 'ECONNREFUSED' });
    expect(await post(`${PAIR}&n_trials=5`)).toMatchObject({ statusCode: 503 });
  });
});

describe('a pair without rows for days without sales', () => {
  it('a search covers every day up to the day in scope', async () => {
    const { dates } = history.dataSet;
    const { sales } = await history.product('P0001');
    const rare = sales.filter(({ storeId, date }) => storeId === 'S001' && dates.indexOf(date) % 9 === 0);
    source = { product: async () => ({ dataSet: history.dataSet, sales: rare }) };
    const { statusCode, json } = await post(`${PAIR}&n_trials=5&day=60`);
    expect(statusCode).toBe(200);
    expect(json.forecast.last_5_actuals).toEqual(
      dates.slice(55, 60).map((date) => ({ date, units_sold: 0 })),
    );
  });
});

describe('the history', () => {
  it('the history lists all runs, 200 trials by default', async () => {
    await list();
    await store.register({ dates: ['2022-01-01'] });
    await list('product_id=P0001&store_id=S001&limit=3&run_id=');
    const all = { runId: undefined, storeId: undefined, productId: undefined };
    expect(asked).toEqual([
      { ...all, limit: 200 },
      { runId: undefined, storeId: 'S001', productId: 'P0001', limit: 3 },
    ]);
  });

  it('the history lists one run on request: the current one, or by id', async () => {
    await list('run_id=current');
    await store.register({ dates: ['2022-01-01'] });
    await list('run_id=current');
    await list('run_id=7f1b0c1e-0f3c-4a53-9d0e-2d9a0a4b8c11');
    expect(asked.map(({ runId }) => runId)).toEqual([
      null,
      (await store.readState())?.runId,
      '7f1b0c1e-0f3c-4a53-9d0e-2d9a0a4b8c11',
    ]);
  });

  it.each(['CURRENT', 'x', '1'])('a history of the run %s is rejected', async (run) => {
    expect((await list(`run_id=${run}`)).json).toMatchObject({
      status: 422,
      errors: [{ field: 'query.run_id' }],
    });
  });

  it('the history filters by either id, and an empty id filters nothing', async () => {
    for (const query of ['store_id=S001', 'product_id=P0001', 'store_id=&product_id=']) await list(query);
    expect(asked.map(({ storeId, productId }) => [storeId, productId])).toEqual([
      ['S001', undefined],
      [undefined, 'P0001'],
      [undefined, undefined],
    ]);
  });

  it('the history names the best of the listed trials, the newest of equals', async () => {
    listed = [trial(3, 7), trial(2, 5), trial(1, 5)];
    const { json } = await list();
    expect(Object.keys(json)).toEqual(['total_trials', 'best_trial', 'trials']);
    expect(json).toMatchObject({
      total_trials: 3,
      best_trial: { rmse: 5, window: 4, min_periods: 1, trend_window: 5 },
    });
    expect(JSON.stringify(json.trials)).toBe(JSON.stringify(listed));
    expect((await list('limit=1')).json).toMatchObject({ total_trials: 1, best_trial: { rmse: 7 } });
  });

  it.each(['', 'limit=0'])('a history without trials (%s) reports what to do', async (query) => {
    if (query !== '') listed = [trial(1, 1)];
    const message = 'No runs yet. POST to /optimize/demand first.';
    expect((await list(query)).json).toEqual({ trials: [], message });
  });

  it.each(['-1', '10001', 'abc', '1.5'])('a history of %s trials is rejected', async (limit) => {
    expect((await list(`limit=${limit}`)).json).toMatchObject({
      status: 422,
      errors: [{ field: 'query.limit' }],
    });
  });
});

describe('arbitrary requests', () => {
  const text = fc.oneof(
    fc.constantFrom('P0001', 'S001', '5', '20', '50', '30', '731', '1e5', 'NaN', 'Infinity', '-0', ''),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const name = fc.constantFrom('store_id', 'product_id', 'n_trials', 'day', 'limit', 'run_id', 'x');
  const request = fc.constantFrom(
    `POST /optimize/demand?${PAIR}`,
    'POST /optimize/demand?',
    'GET /optimize/history?',
  );

  it('every search gets a JSON answer, never a 5xx, and is stored exactly if it succeeds', async () => {
    await fc.assert(
      fc.asyncProperty(request, fc.array(fc.tuple(name, text), { maxLength: 4 }), async (start, pairs) => {
        inserted = [];
        const response = await ask(handler, apiEvent(`${start}&${new URLSearchParams(pairs)}`));
        expect([200, 400, 404, 422]).toContain(response.statusCode);
        const searched = response.statusCode === 200 && start.startsWith('POST');
        expect(inserted.map(({ study }) => study)).toEqual(searched ? [response.json] : []);
      }),
      { numRuns: 150 },
    );
    expect(logged()).not.toContain('request failed');
  });
});
