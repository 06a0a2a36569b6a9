import type { HostedFunction, SystemDescription } from '../../../infra/lambda-host/system-description.ts';
import { table, topic } from '../../../infra/system.ts';
import { fixtureDefinitions } from './fixture-functions.ts';

const printer: HostedFunction = { ...fixtureDefinitions.buffered, entry: 'fixtures/printer.ts' };

/** A small system of fixture functions with one event source of each kind. */
export const fixtureSystem: SystemDescription = {
  functions: {
    writer: { ...printer, entry: 'fixtures/writer.ts', uses: ['table:write'] },
    http: fixtureDefinitions.http,
    live: fixtureDefinitions.streaming,
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
      filters: [{ dynamodb: { Keys: { sk: { S: ['STATE'] } } } }],
    },
    topic: { function: 'topic-reader', consumerGroup: 'unused', batchSize: 10 },
    schedules: [{ function: 'janitor', everyMinutes: 5 }],
  },
};

/** Root folder of the entries. */
export const fixtureRoot = import.meta.dirname;
