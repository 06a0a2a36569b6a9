import requestQueueClass from 'kafkajs/src/network/requestQueue/index.js';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import '../../shared/kafka/idle-timer-fix.ts';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

/** A queue as far as its timer is concerned, nothing throttled. */
const queue = (pending: readonly unknown[]) =>
  Object.assign(Object.create(requestQueueClass.prototype), {
    pending,
    throttledUntil: -1,
    throttleCheckTimeoutId: null,
  });

test('a connection on which nothing waits sets no timer', () => {
  queue([]).scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(0);
});

test('one on which a request waits does', () => {
  queue([{}]).scheduleCheckPendingRequests();
  expect(vi.getTimerCount()).toBe(1);
});
