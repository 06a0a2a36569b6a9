import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { createClosing } from '../../../../infra/lambda-host/event-sources/waiting.ts';

const never = () => new Promise<void>(() => {});

test('waits for the work, and fails with it', async () => {
  const closing = createClosing();
  const { promise, resolve } = Promise.withResolvers<void>();
  const order: string[] = [];
  const waited = closing.orClosed(promise).then(() => order.push('waited'));
  order.push('resolved');
  resolve();
  await waited;
  expect(order).toEqual(['resolved', 'waited']);
  await expect(closing.orClosed(Promise.reject(new Error('the work')))).rejects.toThrow('the work');
});

test('waits for no work once it is closed, and work that fails later is nobody’s any more', async () => {
  const closing = createClosing();
  const late = Promise.withResolvers<void>();
  const waiting = Promise.all([closing.orClosed(never()), closing.orClosed(late.promise)]);
  closing.close();
  await waiting;
  late.reject(new Error('too late'));
  await closing.orClosed(never());
});

test('keeps nothing of work that is done, however long it stays open', async () => {
  const closing = createClosing();
  const promises = () => queryObjects(Promise, { format: 'count' });
  const before = promises();
  for (let i = 0; i < 2_000; i += 1) await closing.orClosed(Promise.resolve());
  expect(promises()).toBeLessThan(before + 500);
  closing.close();
});
