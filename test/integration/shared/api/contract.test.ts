import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { type DocumentChecker, documentChecker } from '../../../support/documented.ts';
import { eventually } from '../../../support/eventually.ts';
import { untilTaken } from '../../../support/http-client.ts';
import { type RunningSystem, startSystem } from '../../../support/system.ts';

/** The contract with existing clients, over HTTP, against a running system. The tests depend on each other's order. */
let system: RunningSystem;
let checker: DocumentChecker;
beforeAll(async () => {
  [system, checker] = await Promise.all([startSystem({ days: 30 }), documentChecker()]);
});
afterAll(() => system.stop());

/** Every response must be documented. */
function request(method: string, path: string, init: RequestInit = {}) {
  return untilTaken(
    () => requestOnce(method, path, init),
    ({ status, headers }) => ({ status, retryAfter: headers.get('retry-after') }),
  );
}

async function requestOnce(method: string, path: string, init: RequestInit) {
  const response = await fetch(new URL(path, system.url), { method, ...init });
  const text = await response.text();
  const { pathname, search } = new URL(response.url);
  const seen = { method, path: `${pathname}${search}`, status: response.status, body: text };
  expect(checker.check({ ...seen, headers: Object.fromEntries(response.headers) })).toEqual([]);
  const type = response.headers.get('content-type') ?? '';
  return {
    status: response.status,
    headers: response.headers,
    text,
    json: /json/.test(type) && text !== '' ? JSON.parse(text) : null,
  };
}

const get = (path: string, headers: Record<string, string> = {}) => request('GET', path, { headers });
const post = (path: string, body?: unknown) =>
  request('POST', path, {
    ...(body === undefined
      ? {}
      : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  });
const status = async () => (await get('/simulation/status')).json;

/** Waits until every sale of the current day is stored, and returns that status. */
async function dayStored() {
  const stored = (each: { day_received: number; day_total: number }) =>
    each.day_total > 0 && each.day_received === each.day_total;
  await expect.poll(status).toSatisfy(stored);
  return status();
}

describe('health', () => {
  it('the health endpoint answers ok', async () => {
    const { status, json } = await get('/health');
    expect({ status, json }).toEqual({ status: 200, json: { status: 'ok', service: 'api' } });
  });

  it('the deep health check finds every dependency up', async () => {
    // On a busy machine a dependency may take more than two seconds, and so count as down.
    const deep = await eventually(async () => {
      const answer = await get('/health?deep=1');
      expect(answer.status).toBe(200);
      return answer.json;
    });
    for (const name of ['mysql', 'dynamodb', 'kafka']) expect(deep.dependencies[name].status).toBe('up');
  });

  it('a trailing slash is redirected', async () => {
    const { status, json } = await get('/health/');
    expect({ status, json }).toEqual({ status: 200, json: { status: 'ok', service: 'api' } });
  });
});

describe('an error that a person meets', () => {
  const browser = { accept: 'text/html,application/xhtml+xml,*/*;q=0.8' };

  it.each(['/nowhere', '/stream/nowhere', '/stream/assets/nothing.js', '/docs/nothing'])(
    'the error of %s is a page for browsers and a problem document for programs',
    async (path) => {
      const page = await get(path, browser);
      expect(page.status).toBe(404);
      expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
      expect(page.text).toContain('<h1>No such path or resource</h1>');
      const document = await get(path);
      expect(document.headers.get('content-type')).toBe('application/problem+json');
      expect(document.json).toMatchObject({ status: 404, code: 'not_found' });
    },
  );

  it('the stream and the data answer errors to browsers as problem documents', async () => {
    for (const path of ['/stream/events?since=x', '/sales/recent?limit=x']) {
      expect((await get(path, browser)).json).toMatchObject({ code: 'invalid_request' });
    }
  });
});

describe('a simulation', () => {
  it('a new simulation is before its first day, with the dates of the data set', async () => {
    expect(await status()).toMatchObject({
      current_day: null,
      day_index: -1,
      day_received: 0,
      is_running: false,
      is_complete: false,
      progress_pct: 0,
    });
    expect((await status()).total_days).toBeGreaterThan(20);
    expect((await get('/sales/recent')).json).toEqual({ events: [] });
  });

  it('the first day’s sales are stored and counted', async () => {
    const accepted = await post('/simulation/next-day');
    expect(accepted.json).toMatchObject({
      status: 'ok',
      current_day: expect.stringMatching(/^\d{4}-\d\d-\d\d$/),
    });
    expect(await dayStored()).toMatchObject({
      current_day: accepted.json.current_day,
      day_index: 0,
      is_running: true,
      is_complete: false,
      progress_pct: 100,
    });
  });

  it('recent sales are listed newest first, with the fields that existing clients expect', async () => {
    const { current_day, day_total } = await status();
    const { json } = await get('/sales/recent');
    expect(json.events).toHaveLength(Math.min(20, day_total));
    for (const event of json.events) {
      expect(Object.keys(event)).toEqual([
        ...['store_id', 'product_id', 'date', 'units_sold', 'price', 'discount'],
        ...['is_holiday_promo', 'weather', 'received_at'],
        // Added since.
        ...['id', 'category', 'region', 'net_price', 'net_revenue', 'promotion', 'weather_condition'],
      ]);
      expect(event.date).toBe(current_day);
      expect(event.received_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/);
    }
    const all = (await get('/sales/recent?limit=10000')).json.events;
    expect(all).toHaveLength(day_total);
    const keys = all.map(
      (event: { store_id: string; product_id: string }) => `${event.store_id} ${event.product_id}`,
    );
    expect(new Set(keys).size).toBe(day_total);
    const times = all.map((event: { received_at: string }) => event.received_at);
    expect(times).toEqual(times.toSorted().reverse());
    expect((await get('/sales/recent?limit=0')).json).toEqual({ events: [] });
  });

  it('one request can advance several days', async () => {
    const { json } = await post('/simulation/next-day?days=3');
    expect(json).toMatchObject({ day_index: 3, days: 3 });
    const { day_total } = await dayStored();
    await expect
      .poll(async () => (await get('/sales/recent?limit=10000')).json.events.length)
      .toBe(4 * day_total);
  });

  it('the metrics count the run, as JSON and as Prometheus text', async () => {
    const caughtUp = async () => (await get('/metrics')).json.kafka.consumer_lag?.total;
    await expect.poll(caughtUp).toBe(0);
    const { json } = await get('/metrics');
    const { day_total } = json.simulation;
    expect(json.simulation).toEqual(await status());
    expect(json.ingestion.total_events_stored).toBe(4 * day_total);
    expect(json.dead_letters).toBe(0);
    expect(json.top_5_products).toHaveLength(5);
    const revenues = json.store_totals.map((store: { total_revenue: number }) => store.total_revenue);
    expect(revenues).toEqual(revenues.toSorted((a: number, b: number) => b - a));
    const text = await get('/metrics', { accept: 'text/plain' });
    expect(text.headers.get('content-type')).toMatch(/^text\/plain; version=0\.0\.4/);
    expect(text.text).toContain(`\nretail_events_stored ${4 * day_total}\n`);
  });

  it('the producer’s day total takes precedence over a declared one', async () => {
    const before = await status();
    expect((await post('/simulation/day-total', { total: 5 })).json).toEqual({ status: 'ok' });
    expect(await status()).toEqual(before);
  });

  it('the valid combo has enough history', async () => {
    const { json } = await get('/sales/valid-combo');
    expect(json).toEqual({
      store_id: expect.any(String),
      product_id: expect.any(String),
      days: expect.toSatisfy((days) => days >= 20),
    });
    expect((await get('/sales/valid-combo')).json).toEqual(json);
  });

  it('after a reset the run is empty and before its first day', async () => {
    const { run_id, total_days } = await status();
    expect((await post('/simulation/reset')).json).toEqual({ status: 'reset' });
    const after = await status();
    expect(after).toMatchObject({ current_day: null, day_index: -1, is_running: false, total_days });
    expect(after.run_id).not.toBe(run_id);
    expect((await get('/sales/recent')).json).toEqual({ events: [] });
    expect((await get('/metrics')).json.ingestion.total_events_stored).toBe(0);
  });

  it('a calendar of other dates can be played to its end and no further', async () => {
    const dates = ['2031-01-01', '2031-01-02'];
    expect((await post('/simulation/init', { dates })).json).toEqual({ status: 'ok', total_days: 2 });
    const { run_id } = await status();
    expect((await post('/simulation/init', { dates })).json).toEqual({ status: 'ok', total_days: 2 });
    expect((await status()).run_id).toBe(run_id);
    expect((await post('/simulation/next-day')).json).toMatchObject({ current_day: '2031-01-01' });
    expect((await post('/simulation/next-day')).json).toMatchObject({ current_day: '2031-01-02' });
    const { status: code, json } = await post('/simulation/next-day');
    expect({ code, json }).toMatchObject({
      code: 400,
      json: { detail: 'All days completed. No more data.' },
    });
  });
});

describe('a cross-site page', () => {
  it('a cross-site page can’t advance the simulation', async () => {
    await post('/simulation/reset');
    // Rejected before it reaches the API, as by CloudFront and a firewall, so it is not documented.
    const headers = { origin: 'https://example.org', 'sec-fetch-site': 'cross-site' };
    const answer = await fetch(new URL('/simulation/next-day', system.url), { method: 'POST', headers });
    expect(answer.status).toBe(403);
    expect(await status()).toMatchObject({ day_index: -1 });
  });
});

describe('errors', () => {
  it.each([
    ['POST', '/simulation/next-day?days=0', 422, 'query.days'],
    ['POST', '/simulation/next-day?days=x', 422, 'query.days'],
    ['GET', '/sales/recent?limit=-1', 422, 'query.limit'],
    ['GET', '/sales/recent?limit=10001', 422, 'query.limit'],
    ['GET', '/sales/recent?limit=', 422, 'query.limit'],
    ['POST', '/simulation/init', 422, 'body'],
    ['POST', '/simulation/day-total', 422, 'body'],
  ])('%s %s is refused by %d, naming the field %s', async (method, path, code, field) => {
    const { status, json, headers } = await request(method, path);
    expect(status).toBe(code);
    expect(headers.get('content-type')).toBe('application/problem+json');
    expect(json).toMatchObject({ status: code, code: 'invalid_request', errors: [{ field }] });
  });

  it.each([
    ['text/plain', '{"dates":["2022-01-01"]}', 'header.content-type'],
    ['application/x-www-form-urlencoded', 'dates=2022-01-01', 'header.content-type'],
    ['application/json', '{"dates":[', 'body'],
    ['application/json', '{"dates":["2022-01-02","2022-01-01"]}', 'body.dates[1]'],
    ['application/json', '{"dates":["not-a-date"]}', 'body.dates[0]'],
  ])('a body of type %s with %s is refused, naming the field %s', async (type, body, field) => {
    const { status, json } = await request('POST', '/simulation/init', {
      body,
      headers: { 'content-type': type },
    });
    expect(status).toBe(422);
    expect(json.errors[0].field).toBe(field);
  });

  it('a body above a megabyte is refused as payload_too_large', async () => {
    const { status, json } = await post('/simulation/init', { dates: ['x'.repeat(1_100_000)] });
    expect({ status, code: json.code }).toEqual({ status: 413, code: 'payload_too_large' });
  });

  it('unknown methods and paths are answered by problem documents', async () => {
    const wrong = await get('/simulation/next-day');
    expect(wrong.headers.get('allow')?.split(', ')).toContain('POST');
    expect(wrong.json).toMatchObject({ status: 405, code: 'method_not_allowed' });
    expect((await request('PUT', '/health')).status).toBe(405);
    expect((await get('/nothing')).json).toMatchObject({ status: 404, code: 'not_found' });
  });

  it('errors have the trace id of their request', async () => {
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
    const { json, headers } = await get('/sales/recent?limit=x', { traceparent });
    expect(json.trace_id).toBe('0af7651916cd43dd8448eb211c80319c');
    expect(headers.get('traceparent')).toBe(traceparent);
  });
});

describe('a system with a token', () => {
  it('only clients with the token may change the simulation; everybody may read', async () => {
    const guarded = await startSystem({ apiToken: 'only-for-this-test' });
    onTestFinished(() => guarded.stop());
    const click = (headers: Record<string, string>) =>
      fetch(new URL('/simulation/next-day', guarded.url), { method: 'POST', headers });
    expect((await click({})).status).toBe(401);
    expect((await click({ authorization: 'Bearer another' })).status).toBe(401);
    // If the machine is suspended for seconds, a dependency may time out.
    const token = { authorization: 'Bearer only-for-this-test' };
    await eventually(async () => expect((await click(token)).status).toBe(200));
    const read = () => fetch(new URL('/simulation/status', guarded.url));
    await eventually(async () => expect((await read()).status).toBe(200));
    expect(JSON.stringify(guarded.log.lines)).not.toMatch(/only-for-this-test|another/);
  });
});
