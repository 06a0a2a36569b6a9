import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { systemRoutes } from '../../functions/system/contract.ts';
import { docsReader } from '../../functions/system/docs-files.ts';
import type { Probes } from '../../functions/system/health.ts';
import { systemApi } from '../../functions/system/implementations.ts';
import type { MetricsSources } from '../../functions/system/metrics.ts';
import type { PairTotals, RunEvents } from '../../functions/system/run-totals.ts';
import { routeSettings } from '../../functions/system/settings.ts';
import { answerUnknownRoute } from '../../functions/system/unknown-route.ts';
import { functions, httpRoutes } from '../../infra/system.ts';
import { createApiHandler } from '../../shared/http/api-handler.ts';
import { methodsOf, routeKey } from '../../shared/http/route.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import type { DayProgress } from '../../shared/simulation/state.ts';
import { apiEvent, ask, type RequestParts, recordingLog } from '../support/api-events.ts';
import { memorySimulationStore } from '../support/memory-simulation-store.ts';
import { promLint } from '../support/promlint.ts';

const { ROUTES } = readSettings(routeSettings, functions.system.environment);
const lag = {
  total: 7,
  partitions: [
    { partition: 0, lag: 3 },
    { partition: 1, lag: 4 },
  ],
};

const pair = (store_id: string, product_id: string, units: number, revenue_cents: number): PairTotals => ({
  store_id,
  product_id,
  events: 2,
  units,
  revenue_cents,
});

/** Half of the events were stored just now. */
const eventsOf = (pairs: PairTotals[]): RunEvents => ({
  head: async () => ({ id: 1, now: 0 }),
  totals: async () => pairs,
  storedSince: async () => pairs.map(() => ({ at: 0, events: 1 })),
});

function client(overrides: Partial<MetricsSources & { probes: Partial<Probes> }> = {}) {
  const { probes, ...sources } = overrides;
  const store = memorySimulationStore();
  const { log, text } = recordingLog();
  const answers: Probes = { mysql: async () => 1, dynamodb: async () => 1, kafka: async () => 1, ...probes };
  const handler = createApiHandler({
    implementations: systemApi(
      answers,
      {
        store,
        events: eventsOf([pair('S001', 'P0001', 5, 1_050)]),
        deadLetters: async () => 2,
        consumerLag: async () => lag,
        ...sources,
      },
      docsReader('test/support'),
    ),
    fallback: (event) => answerUnknownRoute(ROUTES, event),
    log,
  });
  const request = (target: string, parts?: RequestParts) => ask(handler, apiEvent(target, parts));
  const raw = (target: string, parts?: RequestParts) => handler(apiEvent(target, parts));
  return { store, request, raw, text };
}

describe('health', () => {
  it('answers without asking anybody', async () => {
    const mysql = () => Promise.reject(new Error('asked'));
    const { json, statusCode } = await client({ probes: { mysql } }).request('GET /health');
    expect({ statusCode, json }).toEqual({ statusCode: 200, json: { status: 'ok', service: 'api' } });
  });

  it.each(['deep=1', 'deep=true'])('with %s tells each dependency with its latency', async (query) => {
    const { json } = await client().request(`GET /health?${query}`);
    const up = { status: 'up', latency_ms: expect.any(Number) };
    expect(json).toEqual({
      status: 'ok',
      service: 'api',
      dependencies: { mysql: up, dynamodb: up, kafka: up },
    });
  });

  it('is 503 if one is down, and says which and why without naming hosts', async () => {
    const kafka = () =>
      Promise.reject(Object.assign(new Error('connect db.internal:9092'), { code: 'ECONNREFUSED' }));
    const { json, statusCode, body } = await client({ probes: { kafka } }).request('GET /health?deep=1');
    expect(statusCode).toBe(503);
    expect(json).toMatchObject({
      code: 'dependency_unavailable',
      detail: 'Down: kafka.',
      dependencies: {
        mysql: { status: 'up' },
        dynamodb: { status: 'up' },
        kafka: { status: 'down', error: 'ECONNREFUSED' },
      },
    });
    expect(body).not.toMatch(/db\.internal/);
  });

  it('does not wait for long for one that hangs', async () => {
    const mysql = () => new Promise(() => undefined);
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const asking = client({ probes: { mysql } }).request('GET /health?deep=1');
    await vi.advanceTimersByTimeAsync(2_000);
    const { json } = await asking;
    expect(json.dependencies.mysql).toMatchObject({ status: 'down', error: 'no answer within 2000 ms' });
  });

  it('with deep=maybe is refused by name', async () => {
    const { json } = await client().request('GET /health?deep=maybe');
    expect(json).toMatchObject({ status: 422, errors: [{ field: 'query.deep' }] });
  });
});

describe('metrics', () => {
  it('have all that the original’s have, computed as it did', async () => {
    const recorded: { request: string; body: Record<string, unknown> }[] = JSON.parse(
      readFileSync(new URL('../golden/responses/live.json', import.meta.url), 'utf8'),
    );
    const original = recorded.find(({ request }) => request === 'GET /metrics')?.body;
    const { json } = await client().request('GET /metrics');
    for (const part of ['kafka', 'ingestion', 'simulation'])
      expect(Object.keys(json[part])).toEqual(expect.arrayContaining(Object.keys(Object(original?.[part]))));
    expect(Object.keys(json)).toEqual(expect.arrayContaining(Object.keys(original ?? {})));
  });

  it('of a run sum up stores by revenue and products by units, in cents and without chance', async () => {
    const totals = [
      pair('S002', 'P0002', 10, 10),
      pair('S002', 'P0001', 10, 20),
      pair('S001', 'P0003', 10, 30),
      pair('S003', 'P0004', 1, 9_999),
      pair('S003', 'P0005', 2, 1),
      pair('S003', 'P0006', 3, 0),
    ];
    const { request, store } = client({ events: eventsOf(totals) });
    await store.register({ dates: ['2022-01-01'] });
    const { json } = await request('GET /metrics');
    expect(json.store_totals).toEqual([
      { store_id: 'S003', total_events: 6, total_units: 6, total_revenue: 100 },
      { store_id: 'S001', total_events: 2, total_units: 10, total_revenue: 0.3 },
      { store_id: 'S002', total_events: 4, total_units: 20, total_revenue: 0.3 },
    ]);
    expect(json.top_5_products).toEqual([
      { product_id: 'P0001', total_units: 10 },
      { product_id: 'P0002', total_units: 10 },
      { product_id: 'P0003', total_units: 10 },
      { product_id: 'P0006', total_units: 3 },
      { product_id: 'P0005', total_units: 2 },
    ]);
    expect(json.ingestion).toEqual({ total_events_stored: 12, events_last_60s: 6, events_per_minute: 6 });
    expect(json.kafka.consumer_lag).toEqual(lag);
    expect(json.dead_letters).toBe(2);
  });

  it('are empty before the first init', async () => {
    const { json } = await client().request('GET /metrics');
    expect(json).toMatchObject({
      ingestion: { total_events_stored: 0 },
      simulation: { day_index: -1 },
      store_totals: [],
      top_5_products: [],
    });
  });

  it('come without the lag while Kafka is down, and say so in the log', async () => {
    const { request, text } = client({ consumerLag: () => Promise.reject(new Error('no broker')) });
    const { json, statusCode } = await request('GET /metrics');
    expect(statusCode).toBe(200);
    expect(json.kafka.consumer_lag).toBeNull();
    expect(text()).toMatch(/consumer lag is unknown/);
  });

  it('are unavailable while MySQL is', async () => {
    const deadLetters = () => Promise.reject(Object.assign(new Error(), { code: 'ECONNREFUSED' }));
    expect((await client({ deadLetters }).request('GET /metrics')).statusCode).toBe(503);
  });

  it.each([
    ['GET /metrics', 'text/plain', 'text/plain'],
    ['GET /metrics', 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1', 'text/plain'],
    [
      'GET /metrics',
      'application/openmetrics-text;version=1.0.0;q=0.6,text/plain;q=0.5,*/*;q=0.1',
      'text/plain',
    ],
    ['GET /metrics', 'text/*', 'text/plain'],
    ['GET /metrics', undefined, 'application/json'],
    ['GET /metrics', '*/*', 'application/json'],
    ['GET /metrics', 'application/json', 'application/json'],
    ['GET /metrics', 'application/json, text/plain, */*', 'application/json'],
    ['GET /metrics', 'text/html,application/xhtml+xml,*/*;q=0.8', 'application/json'],
    ['GET /metrics', 'text/plain;q=0, */*', 'application/json'],
    ['GET /metrics', 'text/plain;q=x', 'application/json'],
    ['GET /metrics', 'application/json;q=x, text/plain', 'text/plain'],
    ['GET /metrics', '', 'application/json'],
    ['GET /metrics?format=prometheus', 'application/json', 'text/plain'],
    ['GET /metrics?format=json', 'text/plain', 'application/json'],
  ])('%s with Accept: %s is %s', async (target, accept, type) => {
    const response = await client().raw(target, accept === undefined ? {} : { headers: { accept } });
    expect(response.statusCode).toBe(200);
    expect(response.headers['content-type']).toMatch(new RegExp(`^${type}`));
  });

  it('in another format are refused by name', async () => {
    const { json } = await client().request('GET /metrics?format=xml');
    expect(json).toMatchObject({ status: 422, errors: [{ field: 'query.format' }] });
  });

  it('as Prometheus text have one sample a line, each family typed once', async () => {
    const { raw, store } = client({ events: eventsOf([pair('S"1\\\n', 'P0001', 5, 1_050)]) });
    await store.register({ dates: ['2022-01-01'] });
    const { body, headers } = await raw('GET /metrics?format=prometheus');
    expect(headers['content-type']).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(body).toContain('retail_kafka_consumer_lag{partition="1"} 4\n');
    expect(body).toContain('retail_store_revenue{store_id="S\\"1\\\\\\n"} 10.5\n');
    expect(body).toContain('# TYPE retail_events_stored gauge\nretail_events_stored 2\n');
    expect(promLint(body)).toEqual([]);
  });

  it('tell how long the day that was last stored whole took from its click on', async () => {
    const at = (seconds: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, seconds)).toISOString();
    const day = (
      dayIndex: number,
      completedAt: string | null,
      requestedAt: string | null = at(1),
    ): DayProgress => ({
      ...{
        dayIndex,
        date: `2022-01-0${dayIndex + 1}`,
        dayTotal: 100,
        dayReceived: 7,
        requestedAt,
        completedAt,
      },
      ...{ pickedUpAt: at(1), publishedAt: at(2), publishedAgainAt: null },
    });
    const daysOf = async (days: DayProgress[]) => {
      const store = memorySimulationStore();
      await store.register({ dates: ['2022-01-01', '2022-01-02', '2022-01-03'] });
      await store.advance(days.length, { requestedAt: '', traceparent: '' });
      const readDay = async (_runId: string, index: number) => days[index] ?? null;
      const snapshot = async () => ({ ...(await store.snapshot()), day: days.at(-1) ?? null });
      const { request, raw } = client({ store: { snapshot, readDay } });
      const text = (await raw('GET /metrics?format=prometheus')).body;
      return { last: (await request('GET /metrics')).json.pipeline.last_stored_day, text };
    };
    const first = { day_index: 0, date: '2022-01-01', completed_at: at(3), click_to_stored_seconds: 2 };
    expect((await daysOf([day(0, at(3)), day(1, null)])).last).toEqual(first);
    expect((await daysOf([day(0, at(3))])).text).toContain('\nretail_click_to_stored_seconds 2\n');
    expect((await daysOf([day(0, at(3), null)])).last).toEqual({ ...first, click_to_stored_seconds: null });
    expect((await daysOf([day(0, null)])).last).toBeNull();
    expect((await daysOf([])).last).toBeNull();
  });

  it('as Prometheus text have no sample for what is unknown', async () => {
    const { raw } = client({ consumerLag: () => Promise.reject(new Error('no broker')) });
    const { body } = await raw('GET /metrics?format=prometheus');
    expect(body).toContain('retail_kafka_up 0\n');
    expect(body).not.toMatch(/consumer_lag|NaN|null|undefined/);
  });
});

describe('a request that no route takes', () => {
  const unrouted = (target: string, parts: RequestParts = {}) =>
    client().raw(target, { ...parts, routed: false });

  it.each([
    ['GET /simulation/init', 'POST, OPTIONS'],
    ['GET /simulation/next-day', 'POST, OPTIONS'],
    ['HEAD /simulation/reset', 'POST, OPTIONS'],
    ['POST /simulation/status', 'GET, HEAD, OPTIONS'],
    ['DELETE /metrics', 'GET, HEAD, OPTIONS'],
  ])('%s is 405 and is told to use %s', async (target, allow) => {
    const response = await unrouted(target);
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe(allow);
    const problem = expect.objectContaining({ code: 'method_not_allowed' });
    if (!target.startsWith('HEAD')) expect(JSON.parse(response.body)).toEqual(problem);
  });

  it.each([
    ['OPTIONS /sales/recent', 'GET, HEAD, OPTIONS'],
    ['OPTIONS /simulation/next-day', 'POST, OPTIONS'],
  ])('%s is told the methods of the path, and nothing of other origins', async (target, allow) => {
    const origin = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' };
    const response = await unrouted(target, { headers: origin });
    expect(response).toMatchObject({ statusCode: 204, headers: { allow }, body: '' });
    expect(Object.keys(response.headers).join()).not.toMatch(/access-control/i);
  });

  it.each([
    'GET /nothing',
    'GET /',
    'POST /simulation',
    'GET /HEALTH',
    'GET //evil.example/',
    'GET /health//',
  ])('%s is 404', async (target) => {
    const response = await unrouted(target);
    expect(response.statusCode).toBe(404);
    expect(JSON.parse(response.body)).toMatchObject({ code: 'not_found' });
    expect(response.headers).not.toHaveProperty('location');
  });

  it('is 404, and never told to use the method it has, if the gateway passed over its route', async () => {
    expect((await unrouted('GET /health')).statusCode).toBe(404);
  });

  it.each([
    ['GET /health/', '/health'],
    ['GET /sales/recent/?limit=5&x=a%20b', '/sales/recent?limit=5&x=a+b'],
    ['POST /simulation/next-day/?days=2', '/simulation/next-day?days=2'],
  ])('%s goes on to %s with its method', async (target, location) => {
    const response = await unrouted(target);
    expect(response).toMatchObject({ statusCode: 307, headers: { location }, body: '' });
  });

  it('on a path with parameters is told apart alike', () => {
    const routes = new Map([['/runs/{run_id}/days', ['GET']]]);
    const answer = (target: string) => answerUnknownRoute(routes, apiEvent(target, { routed: false }));
    expect(() => answer('POST /runs/7/days')).toThrow(
      expect.objectContaining({ code: 'method_not_allowed' }),
    );
    for (const target of ['GET /runs/7', 'GET /runs//days', 'GET /runs/7/8/days', 'GET /other/7/days'])
      expect(() => answer(target)).toThrow(expect.objectContaining({ code: 'not_found' }));
    const odd = { ...apiEvent('GET /', { routed: false }), rawPath: '/runs/a\n/days/' };
    expect(answerUnknownRoute(routes, odd).headers.location).toBe('/runs/a%0A/days');
  });

  it('can not be made to lead elsewhere or to write headers', async () => {
    const target = fc.tuple(fc.webPath(), fc.string()).map(([path, query]) => ({ path, query }));
    const { ROUTES: routes } = readSettings(routeSettings, { ROUTES: '{"/a":["GET"]}' });
    await fc.assert(
      fc.asyncProperty(target, async ({ path, query }) => {
        const event = { ...apiEvent('GET /', { routed: false }), rawPath: path, rawQueryString: query };
        const handler = createApiHandler({
          implementations: [],
          fallback: (unknown) => answerUnknownRoute(routes, unknown),
          log: recordingLog().log,
        });
        const slashed = await handler({ ...event, rawPath: '/a/' });
        expect(slashed.headers.location).toMatch(/^\/a(\?[\x21-\x7e]*)?$/);
        expect((await handler(event)).statusCode).toBeOneOf([404, 307]);
      }),
    );
  });
});

describe('the table of routes', () => {
  it('reaches the function through its environment with every declared route', () => {
    const declared = httpRoutes.flatMap(({ route }) =>
      methodsOf(route).map((method) => routeKey({ ...route, method })),
    );
    const known = [...ROUTES].flatMap(([path, methods]) => methods.map((method) => `${method} ${path}`));
    expect(known.toSorted()).toEqual(declared.toSorted());
    expect(declared).toEqual(expect.arrayContaining(systemRoutes.map(routeKey)));
    // Lambda takes 4 KB of environment in all.
    expect(functions.system.environment.ROUTES?.length).toBeLessThan(3_000);
  });

  it.each(['', 'x', '[]', '{"health":["GET"]}', '{"/health":[]}', '{"/health":"GET"}'])(
    'as %j stops the start by the name of the setting',
    (value) => {
      expect(() => readSettings(routeSettings, { ROUTES: value })).toThrow(/ROUTES/);
    },
  );
});
