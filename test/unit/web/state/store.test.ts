import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { createStore } from '../../../../web/state/store.ts';
import { STATUS } from '../../../support/status-message.ts';

/** Milliseconds between the frames of a screen. */
const FRAME_MS = 16;

beforeEach(() => {
  vi.useFakeTimers();
});
afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

/** A store, the times (ms) at which it was drawn, and the frames that were requested and haven't come. */
function observedStore({ isHidden = false } = {}) {
  let openFrames = 0;
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
    openFrames += 1;
    if (isHidden) return;
    setTimeout(() => {
      openFrames -= 1;
      callback();
    }, FRAME_MS);
  });
  const store = createStore();
  const drawnAt: number[] = [];
  const begin = performance.now();
  store.state.subscribe(() => drawnAt.push(performance.now() - begin));
  drawnAt.length = 0;
  const setSpeed = (daysPerSecond: number) => store.dispatch({ type: 'play', play: { daysPerSecond } });
  return { store, drawnAt, setSpeed, openFrames: () => openFrames };
}

test('components see a message in the next frame, and a press decides on it at once', () => {
  const { store, setSpeed } = observedStore();
  setSpeed(7);
  expect(store.latest().play.daysPerSecond).toBe(7);
  expect(store.state.value.play.daysPerSecond).not.toBe(7);
  vi.advanceTimersByTime(FRAME_MS);
  expect(store.state.value.play.daysPerSecond).toBe(7);
});

test('while messages arrive all the time, frames are drawn at most every 80 ms but for the tick, and the last message is drawn', () => {
  const { store, drawnAt, setSpeed, openFrames } = observedStore();
  for (let message = 1; message <= 1_000; message += 1) {
    setSpeed(message);
    vi.advanceTimersByTime(5);
    expect(openFrames()).toBeLessThanOrEqual(1);
  }
  vi.advanceTimersByTime(100);
  expect(store.state.value.play.daysPerSecond).toBe(1_000);
  const ticks = drawnAt.filter((at) => at % 1_000 === 0);
  const gaps = drawnAt.flatMap((at, index) => (at % 1_000 === 0 ? [] : [at - (drawnAt[index - 1] ?? -80)]));
  expect(ticks).toHaveLength(5);
  expect(Math.min(...gaps)).toBeGreaterThanOrEqual(80);
  expect(drawnAt.length).toBeGreaterThan(40);
});

test('the first status, which enables the buttons, is drawn in the next frame, and a later one at the usual pace', () => {
  const { store, drawnAt, setSpeed } = observedStore();
  setSpeed(7);
  vi.advanceTimersByTime(FRAME_MS);
  store.dispatch({ type: 'status', status: STATUS });
  vi.advanceTimersByTime(FRAME_MS);
  expect(store.state.value.status).toEqual(STATUS);
  store.dispatch({ type: 'status', status: { ...STATUS, day_index: 1 } });
  vi.advanceTimersByTime(200);
  expect(store.state.value.status?.day_index).toBe(1);
  const [, second = 0, third = 0] = drawnAt;
  expect(third - second).toBeGreaterThanOrEqual(80);
  expect(drawnAt).toHaveLength(3);
});

test('a hidden tab without a status requests no frame for each message', () => {
  const { store, openFrames } = observedStore({ isHidden: true });
  for (let day = 0; day < 50; day += 1) {
    store.dispatch({ type: 'status', status: { ...STATUS, day_index: day } });
  }
  // One at the usual pace, one for the first status.
  expect(openFrames()).toBeLessThanOrEqual(2);
});

test('a hidden tab, which gets no frames, is drawn once a second, and no frames pile up', () => {
  const { store, drawnAt, setSpeed, openFrames } = observedStore({ isHidden: true });
  for (let message = 1; message <= 1_000; message += 1) {
    setSpeed(message);
    vi.advanceTimersByTime(5);
  }
  expect(drawnAt).toEqual([1_000, 2_000, 3_000, 4_000, 5_000]);
  expect(store.state.value.play.daysPerSecond).toBe(1_000);
  expect(openFrames()).toBe(1);
});
