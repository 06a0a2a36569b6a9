import type { HostedFunction } from '../../infra/lambda-host/system.ts';
import { fixtureDefinitions } from '../../infra/lambda-host/test/support/fixture-functions.ts';
import { table, topic } from '../../infra/system.ts';
import type { FunctionDefinition, SystemDescription } from '../../infra/system-description.ts';

const described = (fixture: HostedFunction): FunctionDefinition => ({
  ...fixture,
  description: '',
  uses: [],
  network: 'vpc',
  localWorkers: fixture.workers,
  environment: {},
});
const printer = { ...described(fixtureDefinitions.buffered), entry: 'fixtures/printer.ts' };

/** A small system of fixture functions with one event source of each kind. */
export const fixtureSystem = {
  functions: {
    writer: { ...printer, entry: 'fixtures/writer.ts', uses: ['table:write'] },
    http: described(fixtureDefinitions.http),
    live: described(fixtureDefinitions.streaming),
    'stream-reader': printer,
    'topic-reader': printer,
    janitor: printer,
  },
  httpRoutes: [{ route: { method: 'GET', path: '/health' }, function: 'http' }],
  defaultRoute: 'http',
  functionUrl: { function: 'live', pathPrefixes: ['/stream/'] },
  table,
  topic: { ...topic, partitions: 2 },
  eventSources: {
    stream: {
      function: 'stream-reader',
      batchSize: 10,
      startingPosition: 'TRIM_HORIZON',
      filters: [{ dynamodb: { Keys: { sk: { S: ['STATE'] } } } }],
    },
    topic: {
      function: 'topic-reader',
      consumerGroup: 'unused',
      batchSize: 10,
      startingPosition: 'TRIM_HORIZON',
    },
    schedules: [{ function: 'janitor', everyMinutes: 5 }],
  },
} satisfies SystemDescription;
