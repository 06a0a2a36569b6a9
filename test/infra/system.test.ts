import { existsSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import {
  defaultRoute,
  eventSources,
  functions,
  functionUrl,
  httpRoutes,
  table,
  topic,
} from '../../infra/system.ts';

/** The contract's endpoints, repeated here so that one missing in the system fails. */
const CONTRACT = {
  'GET /demand/backtest': 'forecast',
  'GET /demand/forecast': 'forecast',
  'GET /demand/forecasts': 'forecast',
  'GET /demand/predict': 'analytics',
  'GET /docs': 'system',
  'GET /docs/{file}': 'system',
  'GET /': 'system',
  'GET /health': 'system',
  'GET /sales/ranking': 'analytics',
  'GET /insights': 'analytics',
  'GET /metrics': 'system',
  'GET /openapi.json': 'system',
  'GET /optimize/history': 'optimize',
  'GET /price/sensitivity': 'analytics',
  'GET /promotions/simulate': 'analytics',
  'GET /proof': 'system',
  'GET /replenishment': 'forecast',
  'GET /sales/recent': 'sales',
  'GET /sales/summary': 'analytics',
  'GET /sales/valid-combo': 'sales',
  'GET /simulation/runs/{run_id}/days': 'analytics',
  'GET /simulation/status': 'simulation',
  'POST /demand/forecast': 'forecast',
  'POST /optimize/demand': 'optimize',
  'POST /simulation/day-total': 'simulation',
  'POST /simulation/init': 'simulation',
  'POST /simulation/next-day': 'simulation',
  'POST /simulation/reset': 'simulation',
};

describe('the system', () => {
  it('every route of the contract is answered by its function', () => {
    const routes = httpRoutes.map(({ route, function: name }) => [`${route.method} ${route.path}`, name]);
    expect(Object.fromEntries(routes)).toEqual(CONTRACT);
    expect(routes.length).toBe(Object.keys(CONTRACT).length);
  });

  it('every route that changes something requires the token', () => {
    const open = httpRoutes.filter(({ route }) => route.method !== 'GET' && route.access !== 'token');
    // A forecast under a plan takes a body, and changes nothing.
    expect(open.map(({ route }) => route.path)).toEqual(['/demand/forecast']);
  });

  it('each route has its own operation id', () => {
    const ids = httpRoutes.map(({ route }) => route.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('requests without a route go to the system function, and the stream to live', () => {
    expect(defaultRoute).toBe('system');
    expect(functionUrl).toMatchObject({ function: 'live', pathPrefixes: ['/stream/'] });
    expect(functions.live.invocation).toBe('stream');
  });

  it('the producer is invoked by accepted days only', () => {
    expect(eventSources.stream).toEqual({
      function: 'producer',
      batchSize: 100,
      startingPosition: 'TRIM_HORIZON',
      filters: [
        {
          dynamodb: {
            Keys: { sk: { S: ['STATE'] } },
            NewImage: { day_index: { N: [{ 'anything-but': ['-1'] }] } },
          },
        },
      ],
    });
  });

  it('the consumer is invoked by the topic, from its beginning', () => {
    expect(eventSources.topic).toEqual({
      function: 'consumer',
      consumerGroup: 'sales-consumer',
      batchSize: 4_000,
      startingPosition: 'TRIM_HORIZON',
    });
  });

  it('the reconciliation is invoked every five minutes', () => {
    expect(eventSources.schedules).toEqual([{ function: 'reconciliation', everyMinutes: 5 }]);
  });

  it('event sources retry without limit, because a limit would turn a long outage into loss', () => {
    const settings = Object.keys({ ...eventSources.stream, ...eventSources.topic });
    expect(settings.filter((name) => /retry|retries|age|bisect|destination|failure/i.test(name))).toEqual([]);
  });

  it("the table's stream has both images, and six consumers can share the topic", () => {
    expect(table).toEqual({
      partitionKey: 'pk',
      sortKey: 'sk',
      timeToLive: 'expires_at',
      stream: 'NEW_AND_OLD_IMAGES',
    });
    expect(topic).toEqual({ name: 'sales-events', partitions: 6, retentionHours: 168 });
  });

  it.each(Object.entries(functions))('the code of the function %s exists', (_name, { entry }) => {
    expect(existsSync(entry)).toBe(true);
  });

  it('streaming functions are outside the VPC, and those that use MySQL or Kafka inside', () => {
    for (const { invocation, network, uses } of Object.values(functions)) {
      if (invocation === 'stream') expect(network).toBe('public');
      if (uses.some((capability) => /^(mysql|topic):/.test(capability))) {
        expect(network).toBe('vpc');
      }
    }
  });

  it('functions that could starve others have reserved concurrency', () => {
    for (const name of ['live', 'feed', 'consumer'] as const) {
      expect(functions[name].reservedConcurrency, name).toBeGreaterThan(0);
    }
  });
});
