import { expect, test } from 'vitest';
import { checkSystem, SystemDescriptionError } from '../../host.ts';
import type { HostedSystem } from '../../system.ts';
import { fixtureDefinitions } from '../support/fixture-functions.ts';

const health = { method: 'GET', path: '/health', function: 'http' };
const system: HostedSystem = {
  functions: fixtureDefinitions,
  routes: [health, { ...health, method: 'HEAD' }],
  defaultFunction: 'http',
  functionUrl: { function: 'streaming', pathPrefixes: ['/stream/'] },
  streams: [{ function: 'buffered', table: 'table', batchSize: 10, filters: [{ eventName: ['INSERT'] }] }],
  topics: [{ function: 'buffered', topic: 'topic', consumerGroup: 'group', batchSize: 10 }],
  schedules: [{ function: 'buffered', everyMinutes: 5 }],
};

test('a consistent description is accepted', () => {
  expect(() => checkSystem(system)).not.toThrow();
});

test.each<[string, Partial<HostedSystem>, RegExp]>([
  [
    'whose default route names no function',
    { defaultFunction: 'nobody' },
    /the default route invokes "nobody"/,
  ],
  ['whose route leads to a stream', { routes: [{ ...health, function: 'streaming' }] }, /GET \/health can't/],
  ['with a route twice', { routes: [...system.routes, health] }, /GET \/health is declared twice/],
  [
    'whose function URL does not stream',
    { functionUrl: { function: 'http', pathPrefixes: [] } },
    /the function URL/,
  ],
  [
    'whose schedule invokes nothing',
    { schedules: [{ function: 'nobody', everyMinutes: 1 }] },
    /an event source invokes "nobody"/,
  ],
])('a description %s is rejected', (_case, change, message) => {
  expect(() => checkSystem({ ...system, ...change })).toThrow(message);
  expect(() => checkSystem({ ...system, ...change })).toThrow(SystemDescriptionError);
});
