import { describe, expect, test } from 'vitest';
import { compileFilter } from '../../../../infra/lambda-host/event-sources/filter-pattern.ts';
import { checkSystem } from '../../../../infra/lambda-host/host.ts';
import { hostedSystem } from '../../../../infra/local/host.ts';
import { dayAcceptedPattern, deployedSystem, eventSources } from '../../../../infra/system.ts';
import packageFile from '../../../../package.json' with { type: 'json' };
import { routeKey } from '../../../../shared/api/route.ts';
import { fixtureSystem } from '../../../support/fixture-system.ts';
import { MALLOC_ARENAS, MALLOC_TRIM_BYTES, NODE_OPTIONS } from '../../../support/node-options.ts';

const names = { table: 'table', topic: 'topic', consumerGroup: 'group' };

describe('the deployed system', () => {
  test("the deployed system passes the host's checks", () => {
    expect(() => checkSystem(hostedSystem(deployedSystem, names))).not.toThrow();
  });

  test('a contradiction in the description of the system reaches the host', () => {
    const contradictory = { ...fixtureSystem, defaultRoute: 'nobody' };
    expect(() => checkSystem(hostedSystem(contradictory, names))).toThrow(
      /the default route invokes "nobody"/,
    );
  });

  test('workers that nobody waits for give their memory back sooner than those that answer requests', () => {
    const { functions } = hostedSystem(deployedSystem, names);
    expect(functions.etl?.idleSeconds).toBe(functions.migrate?.idleSeconds);
    expect(functions.sales?.idleSeconds).toBeGreaterThan(functions.etl?.idleSeconds ?? Number.NaN);
  });

  test('the consumer alone gets more room for young objects than the host gives by default', () => {
    const { functions } = hostedSystem(deployedSystem, names);
    const asking = Object.entries(functions).flatMap(([name, { youngMb }]) =>
      youngMb ? [name, youngMb] : [],
    );
    expect(asking).toEqual(['consumer', deployedSystem.functions.consumer?.localYoungMb]);
  });

  test('npm start runs Node with the options that bound its memory', () => {
    expect(packageFile.scripts.start).toBe(
      `MALLOC_ARENA_MAX=\${MALLOC_ARENA_MAX:-${MALLOC_ARENAS}} MALLOC_TRIM_THRESHOLD_=\${MALLOC_TRIM_THRESHOLD_:-${MALLOC_TRIM_BYTES}} exec node ${NODE_OPTIONS.join(' ')} infra/local/cli/main.js start`,
    );
  });

  test('the deployed system answers HEAD wherever it answers GET', () => {
    const { routes } = hostedSystem(deployedSystem, names);
    const of = (wanted: string) => routes.filter(({ method }) => method === wanted).map(({ path }) => path);
    expect(of('HEAD')).toEqual(of('GET'));
    expect(of('GET')).not.toEqual([]);
  });

  test('the deployed system has the routes that clients rely on', () => {
    const routes = deployedSystem.httpRoutes.map(({ route, function: name }) => `${routeKey(route)} ${name}`);
    expect(routes).toEqual(
      expect.arrayContaining([
        'GET /health system',
        'GET /metrics system',
        'POST /simulation/init simulation',
        'GET /simulation/status simulation',
        'POST /simulation/next-day simulation',
        'POST /simulation/reset simulation',
        'POST /simulation/day-total simulation',
        'GET /sales/recent sales',
        'GET /sales/valid-combo sales',
      ]),
    );
    expect(deployedSystem.functionUrl).toMatchObject({ function: 'live', pathPrefixes: ['/stream/'] });
    expect(deployedSystem.defaultRoute).toBe('system');
  });
});

describe("the producer's filter", () => {
  const stateRecord = (dayIndex: string, sk = 'STATE') => ({
    eventName: 'MODIFY',
    dynamodb: {
      Keys: { pk: { S: 'SIMULATION' }, sk: { S: sk } },
      NewImage: { pk: { S: 'SIMULATION' }, sk: { S: sk }, day_index: { N: dayIndex } },
      SizeBytes: 120,
    },
  });
  const matches = compileFilter([dayAcceptedPattern]);

  test("the producer's filter matches accepted days", () => {
    expect(matches(stateRecord('0'))).toBe(true);
    expect(matches(stateRecord('730'))).toBe(true);
  });

  test("the producer's filter drops a new run, other items and removals", () => {
    expect(matches(stateRecord('-1'))).toBe(false);
    expect(matches(stateRecord('5', 'PROGRESS'))).toBe(false);
    const { NewImage: _removed, ...removal } = stateRecord('5').dynamodb;
    expect(matches({ eventName: 'REMOVE', dynamodb: removal })).toBe(false);
  });

  test("the host understands the producer's filter", () => {
    expect(() => compileFilter(eventSources.stream.filters)).not.toThrow();
  });
});
