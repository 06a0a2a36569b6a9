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

/** The request queue of a connection with a request that has just been sent, reduced to what its timeouts depend on. */
function sentQueue(requestTimeout: number) {
  const timedOut = vi.fn();
  const state = { connected: true };
  const queue = Object.assign(Object.create(requestQueueClass.prototype), {
    enforceRequestTimeout: true,
    requestTimeout,
    inflight: new Map([[1, { sentAt: Date.now(), requestTimeout, timeoutRequest: timedOut }]]),
    isConnected: () => state.connected,
  });
  return { queue, timedOut, state };
}

test('a request that takes too long times out within a second of its limit', () => {
  const { queue, timedOut } = sentQueue(10_000);
  queue.scheduleRequestTimeoutCheck();
  vi.advanceTimersByTime(10_000);
  expect(timedOut).not.toHaveBeenCalled();
  vi.advanceTimersByTime(1_000);
  expect(timedOut).toHaveBeenCalled();
  queue.destroy();
  expect(vi.getTimerCount()).toBe(0);
});

test('a request with a shorter limit than a second is looked at as often as that', () => {
  const { queue, timedOut } = sentQueue(200);
  queue.scheduleRequestTimeoutCheck();
  vi.advanceTimersByTime(401);
  expect(timedOut).toHaveBeenCalled();
  queue.destroy();
});

test('an idle connection is woken once a second by its timeouts, and not after it is lost', () => {
  const { queue, state } = sentQueue(10_000);
  const setTimer = vi.spyOn(globalThis, 'setInterval');
  queue.scheduleRequestTimeoutCheck();
  expect(setTimer.mock.calls.map(([, ms]) => ms)).toEqual([1_000]);
  queue.scheduleRequestTimeoutCheck();
  expect(vi.getTimerCount()).toBe(1);
  state.connected = false;
  vi.advanceTimersByTime(1_000);
  expect(vi.getTimerCount()).toBe(0);
});
