import { expect, test } from 'vitest';
import { createAsyncInvoker } from '../../../lambda.ts';
import { eventually } from '../../support/eventually.ts';
import { memoryLog } from '../../support/memory-log.ts';
import { recordingFunction } from '../../support/recording-function.ts';

/** An invoker whose function fails the first `failures` times; `onPause` is called when a pause begins. */
function invoker(failures: number, onPause: () => void = () => {}) {
  const fixture = recordingFunction<unknown>();
  const log = memoryLog();
  const functions = {
    invoke(_name: string, event: string) {
      fixture.failing = fixture.begun < failures;
      return fixture.invoke(event);
    },
  };
  const write: typeof log.write = (...entry) => {
    log.write(...entry);
    queueMicrotask(onPause);
  };
  return { ...createAsyncInvoker(functions, { ...log, write }, [20, 20]), fixture, log };
}

test('a failing asynchronous invocation is retried twice, then dropped', async () => {
  const { invoke, fixture, log } = invoker(Number.POSITIVE_INFINITY);
  invoke('some', '{"a":1}');
  await eventually(() => expect(log.entries.at(-1)?.message).toBe('some failed. No retry is left.'));
  expect(fixture.refused).toEqual([{ a: 1 }, { a: 1 }, { a: 1 }]);
});

test('an asynchronous invocation that succeeds is not retried', async () => {
  const { invoke, fixture, log } = invoker(1);
  invoke('some', '{"a":1}');
  await eventually(() => expect(fixture.events).toHaveLength(1));
  // Meanwhile another invocation goes through all its pauses.
  const other = invoker(Number.POSITIVE_INFINITY);
  other.invoke('other', '{}');
  await eventually(() => expect(other.fixture.refused).toHaveLength(3));
  expect([fixture.refused, fixture.events]).toEqual([[{ a: 1 }], [{ a: 1 }]]);
  expect(log.entries).toHaveLength(1);
});

test('no asynchronous invocation is retried after a stop', async () => {
  const { invoke, stop, fixture } = invoker(Number.POSITIVE_INFINITY, () => stop());
  invoke('some', '{}');
  await eventually(() => expect(fixture.refused).toHaveLength(1));
  const later = invoker(Number.POSITIVE_INFINITY);
  later.invoke('other', '{}');
  await eventually(() => expect(later.fixture.refused).toHaveLength(3));
  expect(fixture.refused).toHaveLength(1);
});
