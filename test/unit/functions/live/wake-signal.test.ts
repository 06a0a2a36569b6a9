import { expect, test } from 'vitest';
import { createWakeSignal } from '../../../../functions/live/viewer.ts';
import { settle } from '../../../support/fake-clock.ts';

/** The number of times that a repeatedly waiting waiter has woken. */
function waiter(signal: ReturnType<typeof createWakeSignal>) {
  const counts = { woken: 0 };
  void (async () => {
    for (;;) {
      await signal.wait();
      counts.woken += 1;
    }
  })();
  return counts;
}

test('a waiter sleeps until it is woken', async () => {
  const signal = createWakeSignal();
  const counts = waiter(signal);
  await settle();
  expect(counts.woken).toBe(0);
  signal.wake();
  await settle();
  expect(counts.woken).toBe(1);
});

test('a wake-up while nobody waits is kept for the next wait, and several count as one', async () => {
  const signal = createWakeSignal();
  signal.wake();
  signal.wake();
  const counts = waiter(signal);
  await settle();
  expect(counts.woken).toBe(1);
});
