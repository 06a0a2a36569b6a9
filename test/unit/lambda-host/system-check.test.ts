import { describe, expect, test } from 'vitest';
import { checkSystem, SystemDescriptionError } from '../../../infra/lambda-host/system-check.ts';
import { deployedSystem, type SystemDescription } from '../../../infra/lambda-host/system-description.ts';
import { routeKey } from '../../../shared/api/route.ts';
import { fixtureSystem } from '../../support/lambda-host/fixture-system.ts';

describe('the deployed system', () => {
  test('is one that can be hosted', () => {
    expect(() => checkSystem(deployedSystem)).not.toThrow();
  });

  test('has the routes that clients rely on', () => {
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

describe('a description is refused', () => {
  const { eventSources, httpRoutes } = fixtureSystem;
  const health = { route: { method: 'GET', path: '/health' }, function: 'http' } as const;
  test.each<[string, Partial<SystemDescription>, RegExp]>([
    ['whose default route leads nowhere', { defaultRoute: 'nobody' }, /the default route wants .*"nobody"/],
    [
      'whose route leads to a stream',
      { httpRoutes: [{ ...health, function: 'live' }] },
      /GET \/health can't/,
    ],
    ['with a route twice', { httpRoutes: [...httpRoutes, health] }, /GET \/health is there twice/],
    [
      'whose function URL does not stream',
      { functionUrl: { function: 'http', pathPrefixes: [] } },
      /the function URL/,
    ],
    [
      'whose schedule invokes nothing',
      { eventSources: { ...eventSources, schedules: [{ function: 'nobody', everyMinutes: 1 }] } },
      /an event source wants .*"nobody"/,
    ],
  ])('%s', (_case, change, message) => {
    expect(() => checkSystem({ ...fixtureSystem, ...change })).toThrow(message);
    expect(() => checkSystem({ ...fixtureSystem, ...change })).toThrow(SystemDescriptionError);
  });
});
