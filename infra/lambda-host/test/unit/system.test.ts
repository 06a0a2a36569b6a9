import { describe, expect, test } from 'vitest';
import { routeKey } from '../../../../shared/api/route.ts';
import { fixtureSystem } from '../../../../test/support/fixture-system.ts';
import { hostedSystem } from '../../../local/host.ts';
import { deployedSystem } from '../../../system.ts';
import type { SystemDescription } from '../../../system-description.ts';
import { checkSystem, SystemDescriptionError } from '../../system.ts';

const names = { table: 'table', topic: 'topic', consumerGroup: 'group' };
const check = (system: SystemDescription) => checkSystem(hostedSystem(system, names));

describe('the deployed system', () => {
  test("the deployed system passes the host's checks", () => {
    expect(() => check(deployedSystem)).not.toThrow();
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

describe('invalid descriptions', () => {
  const { eventSources, httpRoutes } = fixtureSystem;
  const health = { route: { method: 'GET', path: '/health' }, function: 'http' } as const;
  test.each<[string, Partial<SystemDescription>, RegExp]>([
    [
      'whose default route names no function',
      { defaultRoute: 'nobody' },
      /the default route invokes "nobody"/,
    ],
    [
      'whose route leads to a stream',
      { httpRoutes: [{ ...health, function: 'live' }] },
      /GET \/health can't/,
    ],
    ['with a route twice', { httpRoutes: [...httpRoutes, health] }, /GET \/health is declared twice/],
    [
      'whose function URL does not stream',
      { functionUrl: { function: 'http', pathPrefixes: [] } },
      /the function URL/,
    ],
    [
      'whose schedule invokes nothing',
      { eventSources: { ...eventSources, schedules: [{ function: 'nobody', everyMinutes: 1 }] } },
      /an event source invokes "nobody"/,
    ],
  ])('a description %s is rejected', (_case, change, message) => {
    expect(() => check({ ...fixtureSystem, ...change })).toThrow(message);
    expect(() => check({ ...fixtureSystem, ...change })).toThrow(SystemDescriptionError);
  });
});
