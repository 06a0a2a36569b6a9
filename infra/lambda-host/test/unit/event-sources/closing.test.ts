import { queryObjects } from 'node:v8';
import { expect, test } from 'vitest';
import { createClosing } from '../../../event-sources/event-source.ts';

const never = () => new Promise<void>(() => {});

test('a wait settles with the work it waits for', async () => {
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

test('closing ends every wait, and a later failure of the work is ignored', async () => {
  const closing = createClosing();
  const late = Promise.withResolvers<void>();
  const waiting = Promise.all([closing.orClosed(never()), closing.orClosed(late.promise)]);
  closing.close();
  await waiting;
  late.reject(new Error('too late'));
  await closing.orClosed(never());
});

test('an open closing keeps no promise of finished work', async () => {
  const closing = createClosing();
  const promises = () => queryObjects(Promise, { format: 'count' });
  const before = promises();
  for (let i = 0; i < 2_000; i += 1) await closing.orClosed(Promise.resolve());
  expect(promises()).toBeLessThan(before + 500);
  closing.close();
});
