import fc from 'fast-check';
import { beforeEach, describe, expect, it } from 'vitest';
import { analyticsApi } from '../../../../functions/analytics/api.ts';
import { analyticsRoutes } from '../../../../shared/api/analytics.ts';
import { insightRoutes, type OptionalColumn } from '../../../../shared/api/insights.ts';
import { rankingRoutes } from '../../../../shared/api/ranking.ts';
import { routeKey } from '../../../../shared/api/route.ts';
import type { DataSet, HistoryReader } from '../../../../shared/history/product-history.ts';
import { type ApiFunction, createApiHandler } from '../../../../shared/http/api-handler.ts';
import type { DayProgress } from '../../../../shared/simulation/state.ts';
import { apiEvent, ask, recordingLog } from '../../../support/api-events.ts';
import { goldenHistory, readRecorded } from '../../../support/golden-history.ts';
import { type MemoryStore, memorySimulationStore } from '../../../support/memory-simulation-store.ts';

const history = goldenHistory();
const CLICK = { requestedAt: '2026-01-01T00:00:00.000Z', traceparent: '' };
const DAY: DayProgress = {
  dayIndex: 0,
  date: '2022-01-01',
  dayTotal: 100,
  dayReceived: 40,
  requestedAt: '2026-01-01T00:00:00.000Z',
  pickedUpAt: '2026-01-01T00:00:00.020Z',
  publishedAt: '2026-01-01T00:00:00.100Z',
  publishedAgainAt: null,
  completedAt: null,
};

let store: MemoryStore;
let handler: ApiFunction;
let days: DayProgress[];
let logged: () => string;
let loaded: DataSet | null;
let source: HistoryReader;
let replacedMeanwhile: boolean;
let lacking: readonly OptionalColumn[];
let rankingsAsked: { by: string; date: string; sameWeekdays: readonly string[]; limit: number }[];
let findingsAsked: { date: string; limit: number }[];

beforeEach(async () => {
  store = memorySimulationStore();
  days = [];
  loaded = history.dataSet;
  source = history;
  replacedMeanwhile = false;
  findingsAsked = [];
  rankingsAsked = [];
  lacking = [];
  await store.register({ dates: history.dataSet.dates });
  const recording = recordingLog();
  logged = recording.text;
  handler = createApiHandler({
    routes: analyticsApi({
      history: { product: (id, storeId) => source.product(id, storeId) },
      store: { ...store, readDays: async (_runId, from = 0) => days.slice(from) },
      summary: async (_runId, { by }) => [
        {
          group: by,
          revenue: 10.5,
          net_revenue: 9.45,
          discount_given: 1.05,
          units: 3,
          events: 2,
          promo_share: 0.5,
          row_promo_share: null,
          stock_outs: null,
          lost_units: null,
          subgroup: null,
        },
      ],
      dataSet: async () => loaded,
      ranking: {
        dayTotals: async (by, date, sameWeekdays, limit) => {
          rankingsAsked.push({ by, date, sameWeekdays, limit });
          if (replacedMeanwhile) loaded = { ...history.dataSet, id: history.dataSet.id + 1 };
          return [{ id: `${by} 1`, net_cents: 1_000, units: 3, before_cents: 3_200, stock_outs: null }];
        },
        trend: async (_by, dates, ids) =>
          ids.flatMap((id) => dates.map((date) => ({ id, date, net_cents: 800 }))),
      },
      findings: async (date, limit) => {
        findingsAsked.push({ date, limit });
        if (replacedMeanwhile) loaded = { ...history.dataSet, id: history.dataSet.id + 1 };
        const row = { store_id: 'S001', product_id: 'P0001', units: 5, usual: 9, left: 0 };
        const stockOuts = Array.from({ length: Math.min(limit, 30) }, () => ({
          ...row,
          net_price: 9,
          competitor: 10,
        }));
        return { stockOuts, lowCover: stockOuts, undercut: [], revenue: [] };
      },
      missingColumns: async () => lacking,
    }),
    log: recording.log,
  });
});

function get(target: string, headers: Record<string, string> = {}) {
  return ask(handler, apiEvent(`GET ${target}`, { headers }));
}

async function daysOf(runId: string, query = '') {
  const event = apiEvent(`GET /simulation/runs/${runId}/days${query}`);
  return ask(handler, {
    ...event,
    routeKey: 'GET /simulation/runs/{run_id}/days',
    pathParameters: { run_id: runId },
  });
}

const analyses = ['demand_predict', 'price_sensitivity', 'promotions_simulate'];

describe.each(analyses)('the recorded answers of %s', (name) => {
  it('every answer equals the recorded one in each field, digit and field order', async () => {
    for (const { request, status, body } of readRecorded(name)) {
      const response = await get(request.replace('GET ', ''));
      const legacy = Object.fromEntries(Object.entries(response.json).slice(0, Object.keys(body).length));
      expect(response.statusCode, request).toBe(status);
      expect(JSON.stringify(legacy), request).toBe(JSON.stringify(body));
    }
  });
});

describe('a trend', () => {
  it('a trend is derived from the rounded percentage', async () => {
    const { json } = await get('/demand/predict?store_id=S001&product_id=P0001&day=464');
    // 2.0247 before it is rounded.
    expect(json).toMatchObject({ trend_pct: 2, trend: 'stable' });
  });
});

describe('without a day', () => {
  it('without a day the simulation’s current day is the cutoff once a run has begun', async () => {
    await store.advanceDays(30, CLICK);
    const recorded = readRecorded('scoped_by_simulation_day30').filter(({ request }) =>
      /^GET .(demand|price|promotions)/.test(request),
    );
    expect(recorded.length).toBeGreaterThanOrEqual(9);
    for (const { request, body } of recorded) {
      expect((await get(request.replace('GET ', ''))).json, request).toMatchObject(body);
    }
  });

  it('without a day an answer has no entity tag', async () => {
    const { headers } = await get('/price/sensitivity?product_id=P0001');
    expect(headers).not.toHaveProperty('etag');
    expect(headers['cache-control']).toBe('no-store');
  });

  it('without a day the cutoff is the simulation’s date even if the data set does not know it', async () => {
    await store.register({ dates: ['2022-01-03', '2022-01-04', '2030-01-01'] });
    await store.advanceDays(3, CLICK);
    const { json } = await get('/price/sensitivity?product_id=P0001');
    expect(json).toMatchObject({ analysis_up_to_day: '2030-01-01', total_records: 3_655 });
  });
});

describe('with a day', () => {
  it('an answer for a day is revalidated by its entity tag', async () => {
    const target = '/promotions/simulate?product_id=P0001&discount_pct=20&day=30';
    const { headers } = await get(target);
    const again = await get(target, { 'if-none-match': String(headers.etag) });
    expect(again).toMatchObject({ statusCode: 304, body: '' });
  });

  it.each(['0', '-1', '732', '99999999999999999999', '-99999999999999999999'])(
    'the day %s is rejected',
    async (day) => {
      for (const target of [
        '/demand/predict?store_id=S001',
        '/price/sensitivity?',
        '/promotions/simulate?discount_pct=1',
      ]) {
        const { statusCode, json } = await get(`${target}&product_id=P0001&day=${day}`);
        expect(statusCode).toBe(400);
        expect(json).toMatchObject({ code: 'invalid_day', detail: expect.stringMatching(/days 1 to 731/) });
      }
    },
  );

  it('an invalid day is rejected before an unknown product', async () => {
    expect((await get('/price/sensitivity?product_id=nobody&day=732')).statusCode).toBe(400);
  });
});

describe('a pair without rows for days without sales', () => {
  it('a prediction averages days, not rows, and ends at the day in scope', async () => {
    const { dates } = history.dataSet;
    const { sales } = await history.product('P0001');
    const rare = sales.filter(({ storeId, date }) => storeId === 'S001' && dates.indexOf(date) % 9 === 0);
    source = { product: async () => ({ dataSet: history.dataSet, sales: rare }) };
    const { json } = await get('/demand/predict?store_id=S001&product_id=P0001&days=10&day=60');
    const [sale] = rare.filter(({ date }) => date === dates[54]);
    expect(json).toMatchObject({
      analysis_up_to_day: dates[59],
      total_history_days: 60,
      forecast_next_day: Math.round(Number(sale?.units) * 10) / 100,
    });
    expect(json.last_5_actuals).toEqual(dates.slice(55, 60).map((date) => ({ date, units_sold: 0 })));
  });
});

describe('unknown stores and products', () => {
  it.each([
    ['/demand/predict?store_id=S009&product_id=P0001', 'No data found for store=S009 product=P0001'],
    ['/demand/predict?store_id=S001&product_id=P0099', 'No data found for store=S001 product=P0099'],
    ['/price/sensitivity?product_id=p0001', 'No data found for product=p0001'],
    ['/promotions/simulate?product_id=P0001%20&discount_pct=20&day=3', 'No data found for product=P0001 '],
  ])('%s is answered with 404', async (target, detail) => {
    const { statusCode, json } = await get(target);
    expect(statusCode).toBe(404);
    expect(json).toMatchObject({ code: 'not_found', detail });
  });
});

describe('bad parameters', () => {
  it.each([
    ['/demand/predict?product_id=P0001', 'query.store_id'],
    ['/demand/predict?store_id=S001&product_id=P0001&days=0', 'query.days'],
    ['/demand/predict?store_id=S001&product_id=P0001&days=-99999999999999999999', 'query.days'],
    ['/price/sensitivity', 'query.product_id'],
    ['/price/sensitivity?product_id=P0001&day=1.5', 'query.day'],
    ['/price/sensitivity?product_id=P0001&day=', 'query.day'],
    ['/promotions/simulate?product_id=P0001', 'query.discount_pct'],
    ['/promotions/simulate?product_id=P0001&discount_pct=nan', 'query.discount_pct'],
    ['/promotions/simulate?product_id=P0001&discount_pct=inf', 'query.discount_pct'],
    ['/promotions/simulate?product_id=P0001&discount_pct=1e999', 'query.discount_pct'],
    ['/promotions/simulate?product_id=P0001&discount_pct=100.1', 'query.discount_pct'],
    ['/promotions/simulate?product_id=P0001&discount_pct=-0.1', 'query.discount_pct'],
    ['/promotions/simulate?product_id=P0001&discount_pct=0x10', 'query.discount_pct'],
    ['/sales/summary?by=moon', 'query.by'],
    ['/sales/summary?then_by=moon', 'query.then_by'],
    ['/sales/summary?before_id=0', 'query.before_id'],
    ['/sales/summary?day=40&days=32', 'query.days'],
  ])('%s is rejected with the name of the parameter %s', async (target, field) => {
    const { statusCode, json } = await get(target);
    expect(statusCode).toBe(422);
    expect(json.errors).toMatchObject([{ field }]);
  });

  it('asking for more days than there are averages all of them', async () => {
    const { json } = await get(
      '/demand/predict?store_id=S001&product_id=P0001&days=99999999999999999999&day=5',
    );
    expect(json).toMatchObject({ moving_avg_window: 5, total_history_days: 5 });
  });

  it('a discount is parsed as Python parses it, and -0 is 0', async () => {
    const { json } = await get('/promotions/simulate?product_id=P0001&discount_pct=+1e1%20&day=1');
    expect(json).toMatchObject({
      simulated_discount_pct: 10,
      recommendation: expect.stringMatching(/^A 10\.0% /),
    });
    const zero = await get('/promotions/simulate?product_id=P0001&discount_pct=-0.0&day=1');
    expect(zero.json.recommendation).toMatch(/^A 0\.0% /);
  });
});

describe('the sales summary', () => {
  it('the sales summary covers the current run, by day by default', async () => {
    const runId = (await store.readState())?.runId;
    const { json } = await get('/sales/summary');
    expect(json).toMatchObject({ run_id: runId, by: 'day', groups: [{ group: 'day', units: 3 }] });
    expect((await get('/sales/summary?by=season')).json.by).toBe('season');
  });
});

describe('the ranking of a day', () => {
  it('the ranking of a day has stores and products, and is read once', async () => {
    const { json, headers } = await get('/sales/ranking?day=29&limit=5');
    expect(headers.etag).toBeDefined();
    const date = history.dataSet.dates[28];
    const usualOf = [0, 7, 14, 21].map((index) => history.dataSet.dates[index]);
    const row = { net_revenue: 10, units: 3, usual_net_revenue: 8, change_pct: 25, stock_outs: null };
    expect(json).toMatchObject({
      ...{ day: 29, date, usual_of: usualOf, trend_dates: history.dataSet.dates.slice(0, 29) },
      stores: [{ id: 'store 1', ...row }],
      products: [{ id: 'product 1', ...row }],
    });
    expect(json.stores[0].trend).toHaveLength(29);
    expect((await get('/sales/ranking?day=29&limit=5')).json).toEqual(json);
    expect(rankingsAsked).toEqual(
      ['store', 'product'].map((by) => ({ by, date, sameWeekdays: usualOf, limit: 5 })),
    );
  });

  it('a ranking without a day is that of the current day, and empty before the first', async () => {
    const empty = { usual_of: [], trend_dates: [], stores: [], products: [] };
    expect((await get('/sales/ranking')).json).toEqual({ day: null, date: null, ...empty });
    await store.advanceDays(3, CLICK);
    expect((await get('/sales/ranking')).json).toMatchObject({ day: 3, date: history.dataSet.dates[2] });
    loaded = null;
    expect((await get('/sales/ranking')).json).toEqual({ day: null, date: null, ...empty });
  });

  it('a ranking that was read while another data set was loaded is not kept', async () => {
    replacedMeanwhile = true;
    await get('/sales/ranking?day=29');
    loaded = history.dataSet;
    replacedMeanwhile = false;
    await get('/sales/ranking?day=29');
    expect(rankingsAsked).toHaveLength(4);
  });

  it('a ranking of a day that the data set does not have is refused', async () => {
    expect((await get('/sales/ranking?day=0')).json).toMatchObject({ status: 400, code: 'invalid_day' });
  });
});

describe('the days of a run', () => {
  it('the days of a run are listed as the pipeline saw them', async () => {
    days = [DAY];
    const runId = '7f1b0c1e-0f3c-4a53-9d0e-2d9a0a4b8c11';
    expect((await daysOf(runId)).json).toEqual({
      run_id: runId,
      days: [
        {
          day_index: 0,
          date: '2022-01-01',
          day_total: 100,
          day_received: 40,
          requested_at: DAY.requestedAt,
          picked_up_at: DAY.pickedUpAt,
          published_at: DAY.publishedAt,
          published_again_at: null,
          completed_at: null,
        },
      ],
    });
  });

  it('the days of a known run can be requested from an index on', async () => {
    days = [DAY, { ...DAY, dayIndex: 1 }];
    const runId = '7f1b0c1e-0f3c-4a53-9d0e-2d9a0a4b8c11';
    expect((await daysOf(runId, '?from=1')).json.days).toMatchObject([{ day_index: 1 }]);
    expect((await daysOf(runId, '?from=2')).json.days).toEqual([]);
    expect((await daysOf(runId, '?from=10000')).statusCode).toBe(422);
  });

  it('a run that has just begun has no days yet', async () => {
    const runId = (await store.readState())?.runId ?? '';
    expect((await daysOf(runId)).json).toEqual({ run_id: runId, days: [] });
  });

  it('the days of an unknown run are a 404 and those of an invalid id a 422', async () => {
    expect((await daysOf('7f1b0c1e-0f3c-4a53-9d0e-2d9a0a4b8c11')).statusCode).toBe(404);
    expect((await daysOf('latest')).statusCode).toBe(422);
  });
});

describe('insights', () => {
  it('insights are those of the simulation’s current day, none before the first', async () => {
    expect((await get('/insights')).json).toEqual({ day: null, date: null, insights: [] });
    await store.advanceDays(3, CLICK);
    const { json, headers } = await get('/insights');
    expect(json).toMatchObject({ day: 3, date: history.dataSet.dates[2] });
    expect(json.insights).toHaveLength(8);
    expect(headers.etag).toBeUndefined();
    expect(findingsAsked).toEqual([{ date: history.dataSet.dates[2], limit: 8 }]);
  });

  it('insights of a given day are read once, and can be revalidated', async () => {
    const { json, headers } = await get('/insights?day=30&limit=3');
    expect(json).toMatchObject({ day: 30, date: history.dataSet.dates[29] });
    expect(json.insights).toHaveLength(3);
    const again = await get('/insights?day=30&limit=3', { 'if-none-match': String(headers.etag) });
    expect(again.statusCode).toBe(304);
    expect(findingsAsked).toHaveLength(1);
  });

  it('insights of several days name theirs, the most severe first and of those the newest', async () => {
    const { json } = await get('/insights?day=30&limit=100&days=3&ahead=2');
    const listed: { severity: string; day: number; date: string }[] = json.insights;
    expect(findingsAsked.map(({ date }) => date)).toEqual(history.dataSet.dates.slice(27, 30).toReversed());
    expect([...new Set(listed.map(({ day, date }) => `${day} ${date}`))]).toEqual(
      [30, 29, 28].map((day) => `${day} ${history.dataSet.dates[day - 1]}`),
    );
    expect(listed.map(({ severity }) => severity)).toEqual([
      ...new Array(90).fill('high'),
      ...new Array(10).fill('medium'),
    ]);
    // Before the first day of the data set there is none to look back to.
    findingsAsked = [];
    await get('/insights?day=2&days=28');
    expect(findingsAsked).toHaveLength(2);
  });

  it.each(['days=0', 'days=29', 'ahead=0', 'ahead=8'])('insights with %s are invalid', async (query) => {
    expect((await get(`/insights?day=30&${query}`)).json).toMatchObject({ status: 422 });
    expect(findingsAsked).toEqual([]);
  });

  it('insights made while another data set was loaded are not kept', async () => {
    replacedMeanwhile = true;
    await get('/insights?day=30');
    loaded = history.dataSet;
    await get('/insights?day=30');
    expect(findingsAsked).toHaveLength(2);
  });

  it('insights name the columns that the data set lacks, before the first day too', async () => {
    expect((await get('/insights?day=30')).json).not.toHaveProperty('missing_columns');
    loaded = { ...history.dataSet, id: history.dataSet.id + 1 };
    lacking = ['inventory_level', 'discount'];
    expect((await get('/insights')).json).toMatchObject({ day: null, missing_columns: lacking });
    expect((await get('/insights?day=30')).json).toMatchObject({ day: 30, missing_columns: lacking });
  });

  it('insights of a day outside the data set, or without one, are an invalid day', async () => {
    for (const day of ['0', '732', '-1']) {
      expect((await get(`/insights?day=${day}`)).json).toMatchObject({ status: 400, code: 'invalid_day' });
    }
    loaded = null;
    expect((await get('/insights?day=1')).json).toMatchObject({ code: 'invalid_day' });
    await store.advanceDays(1, CLICK);
    expect((await get('/insights')).json).toEqual({ day: null, date: null, insights: [] });
  });

  it.each(['0', '101', 'x'])('limit=%s of insights is invalid', async (limit) => {
    expect((await get(`/insights?limit=${limit}`)).json).toMatchObject({
      errors: [{ field: 'query.limit' }],
    });
  });
});

describe('arbitrary requests', () => {
  const targets = [...analyticsRoutes, ...rankingRoutes, ...insightRoutes]
    .filter(({ params }) => !params)
    .map((route) => routeKey(route));
  const text = fc.oneof(
    fc.constantFrom(
      'P0001',
      'P0004',
      'S001',
      '1',
      '30',
      '731',
      '20',
      '7.5',
      '-1',
      'NaN',
      'Infinity',
      '1e5',
      '',
      'day',
      'season',
    ),
    fc.string({ unit: 'binary', maxLength: 12 }),
  );
  const name = fc.constantFrom('store_id', 'product_id', 'day', 'days', 'discount_pct', 'by', 'x');
  const parameters = fc.array(fc.tuple(name, text), { maxLength: 6 });

  it('every request gets a JSON answer and never a 5xx', async () => {
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...targets), parameters, async (request, pairs) => {
        const query = new URLSearchParams(pairs).toString();
        const response = await ask(handler, apiEvent(`${request}?${query}`));
        expect([200, 400, 404, 422]).toContain(response.statusCode);
        expect(response.headers['content-type']).toMatch(/json$/);
      }),
      { numRuns: 400 },
    );
    expect(logged()).not.toContain('request failed');
  });
});
