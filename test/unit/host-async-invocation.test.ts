import { expect, test } from 'vitest';
import { createAsyncInvoker } from '../../infra/local/host/async-invocation.ts';
import { eventually } from '../support/eventually.ts';
import { memoryLog } from '../support/memory-log.ts';
import { recordingFunction } from '../support/recording-function.ts';

function invoker(pauses: readonly number[]) {
  const fixture = recordingFunction<unknown>();
  const log = memoryLog();
  const functions = { invoke: (_name: string, event: string) => fixture.invoke(event) };
  return { ...createAsyncInvoker(functions, log, pauses), fixture, log };
}

test('an invocation without an answer that fails is repeated twice, then given up', async () => {
  const { invoke, fixture, log } = invoker([1, 1]);
  fixture.failing = true;
  invoke('some', '{"a":1}');
  await eventually(() => expect(log.entries.at(-1)?.message).toBe('some failed. It is given up.'));
  expect(fixture.refused).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
});

test('one that succeeds is not repeated', async () => {
  const { invoke, fixture, log } = invoker([20, 20]);
  fixture.failing = true;
  invoke('some', '{}');
  await eventually(() => expect(fixture.refused).toHaveLength(1));
  fixture.failing = false;
  await eventually(() => expect(fixture.events).toHaveLength(1));
  expect(log.entries).toHaveLength(1);
});

test('nothing is repeated after a stop', async () => {
  const { invoke, stop, fixture } = invoker([30, 30]);
  fixture.failing = true;
  invoke('some', '{}');
  await eventually(() => expect(fixture.refused).toHaveLength(1));
  stop();
  const later = invoker([30, 30]);
  later.fixture.failing = true;
  later.invoke('other', '{}');
  await eventually(() => expect(later.fixture.refused).toHaveLength(3));
  expect(fixture.refused).toHaveLength(1);
});
