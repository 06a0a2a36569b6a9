import fc from 'fast-check';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { answerUnknownRoute, routeTable } from '../../../../functions/system/api.ts';
import { httpRoutes } from '../../../../infra/system.ts';
import { methodsOf, routeKey } from '../../../../shared/api/route.ts';
import { systemRoutes } from '../../../../shared/api/system.ts';
import { apiEvent, apiHandler, type RequestParts, recordingLog } from '../../../support/api-events.ts';
import { nothingWaits, systemClient } from '../../../support/system-client.ts';

describe('health', () => {
  it('health responds without probing dependencies', async () => {
    const mysql = () => Promise.reject(new Error('asked'));
    const { json, statusCode } = await systemClient({ probes: { mysql } }).request('GET /health');
    expect({ statusCode, json }).toEqual({ statusCode: 200, json: { status: 'ok', service: 'api' } });
  });

  it.each(['deep=1', 'deep=true'])('health with %s lists each dependency with its latency', async (query) => {
    const { json } = await systemClient().request(`GET /health?${query}`);
    const up = { status: 'up', latency_ms: expect.any(Number) };
    expect(json).toEqual({
      status: 'ok',
      service: 'api',
      dependencies: { mysql: up, dynamodb: up, kafka: up },
      pipeline: nothingWaits,
    });
  });

  it('health is 503 if accepted days are not being stored, and names the step', async () => {
    const pipeline = {
      ...nothingWaits,
      status: 'stalled',
      stored_day: 2,
      stalled_for_seconds: 31,
      step: 'consumer',
    } as const;
    const { json, statusCode } = await systemClient({ pipeline, undecodable: 1 }).request(
      'GET /health?deep=1',
    );
    expect(statusCode).toBe(503);
    expect(json).toMatchObject({
      code: 'pipeline_stalled',
      detail: expect.stringContaining('Nothing has moved for 31 s, and accepted days wait for: consumer'),
      dependencies: { mysql: { status: 'up' } },
      pipeline,
    });
  });

  it('health is 503 while undecodable messages wait that nobody has looked at', async () => {
    const { json, statusCode } = await systemClient({ undecodable: 12 }).request('GET /health?deep=1');
    expect(statusCode).toBe(503);
    expect(json).toMatchObject({
      code: 'undecodable_messages',
      detail: '12 messages could not be decoded and were kept: npm run dead-letters -- list shows them.',
      pipeline: nothingWaits,
    });
  });

  it('health is 503 if a dependency is down, and says which and why without naming hosts', async () => {
    const kafka = () =>
      Promise.reject(Object.assign(new Error('connect db.internal:9092'), { code: 'ECONNREFUSED' }));
    const { json, statusCode, body } = await systemClient({ probes: { kafka } }).request(
      'GET /health?deep=1',
    );
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

  it('health does not wait long for a dependency that hangs', async () => {
    const mysql = () => new Promise(() => undefined);
    vi.useFakeTimers();
    onTestFinished(() => void vi.useRealTimers());
    const asking = systemClient({ probes: { mysql } }).request('GET /health?deep=1');
    await vi.advanceTimersByTimeAsync(2_000);
    const { json } = await asking;
    expect(json.dependencies.mysql).toMatchObject({ status: 'down', error: 'no answer within 2000 ms' });
  });

  it('health with deep=maybe is rejected with the name of the field', async () => {
    const { json } = await systemClient().request('GET /health?deep=maybe');
    expect(json).toMatchObject({ status: 422, errors: [{ field: 'query.deep' }] });
  });
});

describe('the root', () => {
  it.each(['GET', 'HEAD'])('%s / redirects to the live page', async (method) => {
    const response = await systemClient().request(`${method} /`);
    expect(response).toMatchObject({ statusCode: 302, headers: { location: '/stream/live' }, body: '' });
  });
});

describe('a request without a route', () => {
  const unrouted = (target: string, parts: RequestParts = {}) =>
    systemClient().raw(target, { ...parts, routed: false });

  it.each([
    ['GET /simulation/init', 'POST, OPTIONS'],
    ['GET /simulation/next-day', 'POST, OPTIONS'],
    ['HEAD /simulation/reset', 'POST, OPTIONS'],
    ['POST /simulation/status', 'GET, HEAD, OPTIONS'],
    ['DELETE /metrics', 'GET, HEAD, OPTIONS'],
    ['POST /', 'GET, HEAD, OPTIONS'],
  ])('%s is 405 and allows %s', async (target, allow) => {
    const response = await unrouted(target);
    expect(response.statusCode).toBe(405);
    expect(response.headers.allow).toBe(allow);
    const problem = expect.objectContaining({ code: 'method_not_allowed' });
    if (!target.startsWith('HEAD')) expect(JSON.parse(response.body)).toEqual(problem);
  });

  it.each([
    ['OPTIONS /sales/recent', 'GET, HEAD, OPTIONS'],
    ['OPTIONS /simulation/next-day', 'POST, OPTIONS'],
  ])('%s lists the methods of the path and has no CORS headers', async (target, allow) => {
    const origin = { origin: 'https://elsewhere.example', 'access-control-request-method': 'POST' };
    const response = await unrouted(target, { headers: origin });
    expect(response).toMatchObject({ statusCode: 204, headers: { allow }, body: '' });
    expect(Object.keys(response.headers).join()).not.toMatch(/access-control/i);
  });

  it.each(['GET /nothing', 'POST /simulation', 'GET /HEALTH', 'GET //evil.example/', 'GET /health//'])(
    '%s is 404',
    async (target) => {
      const response = await unrouted(target);
      expect(response.statusCode).toBe(404);
      expect(JSON.parse(response.body)).toMatchObject({ code: 'not_found' });
      expect(response.headers).not.toHaveProperty('location');
    },
  );

  it('a known route that the gateway did not match is 404, not 405', async () => {
    expect((await unrouted('GET /health')).statusCode).toBe(404);
  });

  it.each([
    ['GET /health/', '/health'],
    ['GET /sales/recent/?limit=5&x=a%20b', '/sales/recent?limit=5&x=a+b'],
    ['POST /simulation/next-day/?days=2', '/simulation/next-day?days=2'],
  ])('%s redirects to %s and keeps its method', async (target, location) => {
    const response = await unrouted(target);
    expect(response).toMatchObject({ statusCode: 307, headers: { location }, body: '' });
  });

  it('paths with parameters are matched like others', () => {
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

  it('a redirect can not lead to another origin or inject headers', async () => {
    const target = fc.tuple(fc.webPath(), fc.string()).map(([path, query]) => ({ path, query }));
    const routes = new Map([['/a', ['GET']]]);
    await fc.assert(
      fc.asyncProperty(target, async ({ path, query }) => {
        const event = { ...apiEvent('GET /', { routed: false }), rawPath: path, rawQueryString: query };
        const handler = apiHandler({
          routes: [],
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
  it('the table has every declared route of the HTTP API', () => {
    const declared = httpRoutes.flatMap(({ route }) =>
      methodsOf(route).map((method) => routeKey({ ...route, method })),
    );
    const known = [...routeTable].flatMap(([path, methods]) => methods.map((method) => `${method} ${path}`));
    expect(known.toSorted()).toEqual(declared.toSorted());
    expect(declared).toEqual(expect.arrayContaining(systemRoutes.map(routeKey)));
  });
});
