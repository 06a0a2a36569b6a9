import requestQueueClass from 'kafkajs/src/network/requestQueue/index.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import '../../../../shared/kafka/idle-timer-fix.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** The request queue of a connection that isn't throttled, reduced to what its timer depends on. */
const queue = (pending: readonly unknown[]) =>
  Object.assign(Object.create(requestQueueClass.prototype), {
    pending,
    throttledUntil: -1,
    throttleCheckTimeoutId: null,
  });

test('a connection without pending requests sets no timer', () => {
  queue([]).scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
});

test('a connection with a pending request sets a timer', () => {
  queue([{}]).scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(1);
});
