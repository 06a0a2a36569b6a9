import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type Lambda, openLambda } from '../../lambda.ts';
import { createProcessMetrics } from '../../metrics/process-metrics.ts';
import { fixtureDefinitions, fixtureRoot } from '../support/fixture-functions.ts';
import { memoryLog } from '../support/memory-log.ts';

let lambda: Lambda | undefined;
afterEach(() => lambda?.close(0));

/** A host of a function that writes a table and of one that doesn't, with the writes it has told of, before and after. */
async function host() {
  const told: string[] = [];
  const written: string[] = [];
  const { buffered } = fixtureDefinitions;
  lambda = await openLambda({
    system: {
      functions: { writer: { ...buffered, writesTable: true }, reader: buffered },
      routes: [],
      streams: [],
      topics: [],
      schedules: [],
    },
    root: fixtureRoot,
    region: 'eu-central-1',
    environment: () => ({}),
    log: memoryLog(),
    metrics: createProcessMetrics(),
    onTableWritten: () => written.push('written'),
    onTableWrite: () => {
      told.push('begins');
      return () => told.push('ended');
    },
  });
  return { lambda, told, written };
}

test('a write begins before the function is invoked, by a request or a source, and has ended before its caller knows', async () => {
  const { lambda: opened, told } = await host();
  for (const invoke of [opened.functions.invoke, opened.invokeForSource]) {
    told.length = 0;
    const invoked = invoke('writer', '{"do":"value"}');
    expect(told).toEqual(['begins']);
    await invoked;
    expect(told).toEqual(['begins', 'ended']);
  }
});

test('a function that writes no table is no write', async () => {
  const { lambda: opened, told } = await host();
  await opened.functions.invoke('reader', '{"do":"value"}');
  expect(told).toEqual([]);
});

test('a write lasts longer than an invocation that failed, because it may still be on its way', async () => {
  const { lambda: opened, told } = await host();
  const { error } = await opened.functions.invoke('writer', '{"do":"exit"}');
  expect(error).not.toBeNull();
  await delay(50);
  expect(told).toEqual(['begins']);
});

/** A request as the gateway hands it on. */
const requestBy = (method: string) => JSON.stringify({ do: 'value', requestContext: { http: { method } } });

test.each(['GET', 'HEAD'])(
  'a request by %s has written nothing, though its function writes a table',
  async (method) => {
    const { lambda: opened, written } = await host();
    await opened.functions.invoke('writer', requestBy(method));
    expect(written).toEqual([]);
  },
);

test.each([
  ['a request by POST', requestBy('POST')],
  ['an event that is no request', '{"do":"value"}'],
  ['an event whose body names GET', JSON.stringify({ do: 'value', body: requestBy('GET') })],
  ['an event that is null', 'null'],
])('%s to a function that writes a table has probably written', async (_, event) => {
  const { lambda: opened, written } = await host();
  await opened.functions.invoke('writer', event);
  expect(written).toEqual(['written']);
});
