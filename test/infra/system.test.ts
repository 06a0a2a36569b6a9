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

/** The contract's endpoints, written down here a second time: what is missing in the system fails. */
const CONTRACT = {
  'GET /demand/backtest': 'forecast',
  'GET /demand/forecast': 'forecast',
  'GET /demand/predict': 'analytics',
  'GET /docs': 'system',
  'GET /docs/{file}': 'system',
  'GET /': 'system',
  'GET /health': 'system',
  'GET /metrics': 'system',
  'GET /openapi.json': 'system',
  'GET /optimize/history': 'optimize',
  'GET /price/sensitivity': 'analytics',
  'GET /promotions/simulate': 'analytics',
  'GET /sales/recent': 'sales',
  'GET /sales/summary': 'analytics',
  'GET /sales/valid-combo': 'sales',
  'GET /simulation/runs/{run_id}/days': 'analytics',
  'GET /simulation/status': 'simulation',
  'POST /optimize/demand': 'optimize',
  'POST /simulation/day-total': 'simulation',
  'POST /simulation/init': 'simulation',
  'POST /simulation/next-day': 'simulation',
  'POST /simulation/reset': 'simulation',
};

describe('the system', () => {
  it('answers every route of the contract, each by its function', () => {
    const routes = httpRoutes.map(({ route, function: name }) => [`${route.method} ${route.path}`, name]);
    expect(Object.fromEntries(routes)).toEqual(CONTRACT);
    expect(routes.length).toBe(Object.keys(CONTRACT).length);
  });

  it('guards every route that changes something', () => {
    const open = httpRoutes.filter(({ route }) => route.method !== 'GET' && route.access !== 'token');
    expect(open.map(({ route }) => route.path)).toEqual([]);
  });

  it('gives each route an operation id of its own', () => {
    const ids = httpRoutes.map(({ route }) => route.operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('leaves what no route takes to system, and the stream to live', () => {
    expect(defaultRoute).toBe('system');
    expect(functionUrl).toMatchObject({ function: 'live', pathPrefixes: ['/stream/'] });
    expect(functions.live.invocation).toBe('stream');
  });

  it('triggers the producer by accepted days alone', () => {
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

  it('triggers the consumer by the topic, from its beginning', () => {
    expect(eventSources.topic).toEqual({
      function: 'consumer',
      consumerGroup: 'sales-consumer',
      batchSize: 1_000,
      startingPosition: 'TRIM_HORIZON',
    });
  });

  it('reconciles every five minutes', () => {
    expect(eventSources.schedules).toEqual([{ function: 'reconciliation', everyMinutes: 5 }]);
  });

  it('sets no limit to retries, for each would turn a long outage into loss', () => {
    const settings = Object.keys({ ...eventSources.stream, ...eventSources.topic });
    expect(settings.filter((name) => /retry|retries|age|bisect|destination|failure/i.test(name))).toEqual([]);
  });

  it('has a table with both images in its stream and a topic that six consumers can share', () => {
    expect(table).toEqual({
      partitionKey: 'pk',
      sortKey: 'sk',
      timeToLive: 'expires_at',
      stream: 'NEW_AND_OLD_IMAGES',
    });
    expect(topic).toEqual({ name: 'sales-events', partitions: 6, retentionHours: 168 });
  });

  it.each(Object.entries(functions))('has the code of %s', (_name, { entry }) => {
    expect(existsSync(entry)).toBe(true);
  });

  it('keeps what streams out of the VPC, and what reads MySQL or Kafka within', () => {
    for (const { invocation, network, uses } of Object.values(functions)) {
      if (invocation === 'stream') expect(network).toBe('public');
      if (uses.some((capability) => capability === 'mysql' || capability.startsWith('topic:'))) {
        expect(network).toBe('vpc');
      }
    }
  });

  it('reserves concurrency where viewers or writers could starve the others', () => {
    for (const name of ['live', 'feed', 'consumer'] as const) {
      expect(functions[name].reservedConcurrency, name).toBeGreaterThan(0);
    }
  });
});
