import { setTimeout as delay } from 'node:timers/promises';
import { afterEach, expect, test } from 'vitest';
import { type Lambda, openLambda } from '../../lambda.ts';
import { createProcessMetrics } from '../../metrics/process-metrics.ts';
import { fixtureDefinitions, fixtureRoot } from '../support/fixture-functions.ts';
import { memoryLog } from '../support/memory-log.ts';

let lambda: Lambda | undefined;
afterEach(() => lambda?.close(0));

/** A host of a function that writes a table and of one that doesn't, with the writes it has told of. */
async function host() {
  const told: string[] = [];
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
    onTableWritten: () => {},
    onTableWrite: () => {
      told.push('begins');
      return () => told.push('ended');
    },
  });
  return { lambda, told };
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
