import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { functionUrl, httpRoutes } from '../../../../infra/system.ts';
import { exampleOf } from '../../../../shared/api/openapi/operation.ts';
import { type RouteDeclaration, successStatus } from '../../../../shared/api/route.ts';
import { type DocumentChecker, documentChecker, type SeenAnswer } from '../../../support/documented.ts';
import { type RequestOptions, sendPatiently } from '../../../support/http-client.ts';
import { type RunningSystem, startSystem } from '../../../support/system.ts';

const TOKEN = 'a-token-of-the-test';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };
const STREAM = '/stream/events';

const routes: readonly RouteDeclaration[] = [...httpRoutes.map(({ route }) => route), ...functionUrl.routes];
const named = routes.map((route) => [`${route.method} ${route.path}`, route] as const);

let system: RunningSystem;
let checker: DocumentChecker;
beforeAll(async () => {
  [system, checker] = await Promise.all([startSystem({ days: 30, apiToken: TOKEN }), documentChecker()]);
});
afterAll(() => system.stop());

/** Sends a request and checks the response against the document. */
function ask(method: string, path: string, options: RequestOptions = {}) {
  return sendPatiently(expectDocumented, system.url, method, path, options);
}

function expectDocumented(answer: SeenAnswer): void {
  const { method, path, status, body } = answer;
  expect(checker.check(answer), `${method} ${path} → ${status} ${body.slice(0, 500)}`).toEqual([]);
}

const runId = async () => JSON.parse((await ask('GET', '/simulation/status')).body).run_id;
const pageAsset = async () => /"assets\/([\w.-]+)/.exec((await ask('GET', '/stream/live')).body)?.[1] ?? '';

/** The request of a route's example, as this system can answer it. */
async function exampleRequest({ operationId, path }: RouteDeclaration) {
  const { parameters = {}, body } = exampleOf(operationId);
  const own = {
    ...parameters,
    ...(operationId === 'readRunDays' ? { run_id: await runId() } : {}),
    ...(operationId === 'readLiveAsset' ? { file: await pageAsset() } : {}),
    // This data set has fewer days than the example's.
    ...('day' in parameters ? { day: 30 } : {}),
  };
  const query = new URLSearchParams(Object.entries(own).map(([name, value]) => [name, String(value)]));
  const target = path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = query.get(name) ?? '';
    query.delete(name);
    return value;
  });
  return {
    target: query.size > 0 ? `${target}?${query}` : target,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  };
}

const headersOf = (route: RouteDeclaration) => ({
  ...(route.body ? { 'content-type': 'application/json' } : {}),
  ...(route.access === 'token' ? AUTHORIZED : {}),
});
const withQuery = (target: string, query: string) => `${target}${target.includes('?') ? '&' : '?'}${query}`;

describe.each(named.filter(([, { path }]) => path !== STREAM))('%s', (_name, route) => {
  it('the example request is answered as documented', async () => {
    const { target, body } = await exampleRequest(route);
    const options = { headers: headersOf(route), ...(body === undefined ? {} : { body }) };
    const answer = await ask(route.method, target, options);
    expect(answer.status).toBe(successStatus(route));
    if (!answer.headers.etag) return;
    const headers = { ...options.headers, 'if-none-match': answer.headers.etag };
    expect((await ask(route.method, target, { ...options, headers })).status).toBe(304);
  });

  it('HEAD, OPTIONS, other methods and a trailing slash are answered as documented', async () => {
    const { target } = await exampleRequest(route);
    const path = target.split('?')[0] ?? '';
    // A path may be read by GET and posted to as well.
    const isRead = named.some(([, other]) => other.path === route.path && other.method === 'GET');
    expect((await ask('HEAD', target)).status).toBe(isRead ? successStatus(route) : 405);
    expect((await ask('OPTIONS', target)).status).toBe(204);
    expect((await ask('DELETE', target)).status).toBe(405);
    // A file's name may contain anything, including a slash.
    if (path !== '/' && !path.includes('/assets/'))
      expect((await ask(route.method, `${path}/`)).status).toBe(307);
  });
});

describe.each(named)('%s', (_name, route) => {
  it('a request that is too large is rejected as documented', async () => {
    const { target } = await exampleRequest(route);
    const headers = headersOf(route);
    const asked = (path: string, options: RequestOptions) => ask(route.method, path, options);
    expect((await asked(withQuery(target, `x=${'x'.repeat(2_048)}`), { headers })).status).toBe(414);
    const long = { ...headers, 'x-long': 'x'.repeat(8_192) };
    expect((await asked(target, { headers: long })).status).toBe(431);
    expect((await asked(target, { headers, body: 'x'.repeat(1_048_577) })).status).toBe(413);
  });
});

describe('a rejected request', () => {
  const post = (path: string, body?: string, headers: Record<string, string> = AUTHORIZED) =>
    ask('POST', path, { headers, ...(body === undefined ? {} : { body }) });

  it.each(named.filter(([, { access }]) => access === 'token'))(
    '%s without the token is answered as documented',
    async (_name, route) => {
      expect((await post(route.path, undefined, {})).status).toBe(401);
    },
  );

  it.each([
    '/simulation/runs/no-run/days',
    '/health?deep=perhaps',
    '/metrics?format=xml',
    '/sales/recent?limit=x',
    '/sales/summary?by=weight',
    '/sales/ranking?limit=101',
    '/insights?limit=0',
    '/demand/predict?store_id=S001',
    '/demand/forecast?store_id=S001&product_id=P0001&horizon=29',
    '/demand/backtest',
    '/optimize/history?limit=-1',
    '/demand/forecast?store_id=S001&product_id=P0001&level=high',
    '/replenishment?underage_cost=3',
    '/demand/forecasts?day=tomorrow',
    '/price/sensitivity',
    '/promotions/simulate?product_id=P0001&discount_pct=101',
    '/stream/events?since=x',
    `/docs/${'x'.repeat(101)}`,
  ])('GET %s is rejected for an invalid field', async (path) => {
    expect((await ask('GET', path)).status).toBe(422);
  });

  it.each([
    ['/simulation/init', '{"dates":["2022-01-02","2022-01-01"]}'],
    ['/simulation/next-day?days=0', undefined],
    ['/simulation/day-total', '[]'],
    ['/optimize/demand?store_id=S001', undefined],
  ])('POST %s is rejected for an invalid field', async (path, body) => {
    expect((await post(path, body)).status).toBe(422);
  });

  it.each([
    '/demand/predict?store_id=S001&product_id=P0001&day=0',
    '/demand/forecast?store_id=S001&product_id=P0001&day=0',
    '/demand/backtest?product_id=P0001&day=31',
    '/demand/forecast?store_id=S001&product_id=P0001&day=-1',
    '/demand/backtest?product_id=P0001&day=32',
    '/replenishment?day=31',
    '/demand/forecasts?day=32',
    '/sales/recent?day=0',
    '/sales/summary?day=99999',
    '/sales/ranking?day=31',
    '/insights?day=31',
    '/price/sensitivity?product_id=P0001&day=31',
    '/promotions/simulate?product_id=P0001&discount_pct=5&day=99999999999999999999',
  ])('GET %s is rejected for its invalid day', async (path) => {
    expect((await ask('GET', path)).status).toBe(400);
  });

  it('a search with too many trials is rejected', async () => {
    const path = '/optimize/demand?store_id=S001&product_id=P0001&n_trials=51';
    expect((await post(path)).status).toBe(400);
  });

  it('a search without sales is not found', async () => {
    expect((await post('/optimize/demand?store_id=S001&product_id=none')).status).toBe(404);
  });

  it.each([
    '/simulation/runs/7cf7a3e8-2b78-4ccd-8727-9ce4acfe171a/days',
    '/demand/predict?store_id=S001&product_id=none',
    '/demand/forecast?store_id=none&product_id=P0001',
    '/demand/backtest?product_id=P0001&day=19',
    '/demand/backtest?product_id=none',
    '/replenishment?store_id=none&product_id=P0001',
    '/price/sensitivity?product_id=none',
    '/promotions/simulate?product_id=none&discount_pct=5',
    '/docs/none.js',
    '/stream/assets/none.js',
    '/nothing',
    '/%FF%zz',
  ])('GET %s is rejected as not found', async (path) => {
    expect((await ask('GET', path)).status).toBe(404);
  });

  it.each([
    ['n_trials=51', 400],
    ['day=19', 404],
  ])('a search with %s is rejected with status %d', async (query, status) => {
    const answer = await post(`/optimize/demand?store_id=S001&product_id=P0001&${query}`);
    expect(answer.status).toBe(status);
  });

  it.each([
    ['product_id=P0001&day=0', 400],
    ['product_id=none&day=20', 404],
    ['product_id=P0001&horizon=29', 422],
  ])('a forecast under a plan with %s is rejected with status %d', async (query, status) => {
    const plan = JSON.stringify({
      days: [{ date: '2022-01-21', price: 35.5, discount: 10, promotion: true }],
    });
    const answer = await post(`/demand/forecast?store_id=S001&${query}`, plan, {
      'content-type': 'application/json',
    });
    expect(answer.status).toBe(status);
  });

  it('an advance after the last day is rejected', async () => {
    expect((await post('/simulation/next-day?days=10000')).status).toBe(200);
    expect((await post('/simulation/next-day')).status).toBe(400);
  });
});

describe('the event stream', () => {
  it('the stream sends messages as documented', async () => {
    await ask('POST', '/simulation/reset', { headers: AUTHORIZED });
    await ask('POST', '/simulation/next-day', { headers: AUTHORIZED });
    const seen = await messagesUntil('message');
    expect([...seen.keys()].toSorted()).toEqual(['message', 'reset', 'status']);
    const response = checker.document.paths[STREAM]?.get?.responses[200];
    const messages = (response && 'x-messages' in response && response['x-messages']) || {};
    for (const [event, data] of seen) {
      expect(checker.validate(messages[event]?.$ref.slice(1) ?? '', JSON.parse(data)), event).toEqual([]);
    }
  });
});

/** The data of the last message of each event, once one of each has arrived. Requests an id that no run has. */
async function messagesUntil(wanted: string): Promise<Map<string, string>> {
  const ended = new AbortController();
  const response = await fetch(`${system.url}${STREAM}?since=999999999`, { signal: ended.signal });
  const { 'content-type': type = '', ...rest } = Object.fromEntries(response.headers);
  const head = {
    method: 'GET',
    path: STREAM,
    status: response.status,
    headers: { ...rest, 'content-type': type },
    body: '',
  };
  expect(checker.check(head)).toEqual([]);
  const seen = new Map<string, string>();
  let received = '';
  for await (const chunk of response.body?.pipeThrough(new TextDecoderStream()) ?? []) {
    received += chunk;
    const blocks = received.split('\n\n');
    received = blocks.pop() ?? '';
    for (const block of blocks) {
      const data = /^data: (.*)$/m.exec(block)?.[1];
      if (data !== undefined) seen.set(/^event: (.*)$/m.exec(block)?.[1] ?? 'message', data);
    }
    if (seen.has(wanted)) break;
  }
  ended.abort();
  return seen;
}

describe('the documented responses', () => {
  it('every documented response has been seen, except those that need a fault', () => {
    const documented = Object.entries(checker.document.paths).flatMap(([path, item]) =>
      Object.entries(item).flatMap(([method, { responses }]) =>
        Object.keys(responses).map((status) => `${path} ${method} ${status}`),
      ),
    );
    const byFaultOnly = / (409|500|503)$/;
    const unseen = documented.filter((one) => !checker.seen.has(one) && !byFaultOnly.test(one));
    expect(unseen).toEqual([
      // This data set has enough history.
      '/sales/valid-combo get 404',
      // The stream's function treats any name as an unknown one.
      '/stream/assets/{file} get 422',
    ]);
  });
});
