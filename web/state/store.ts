import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { type Message, reduce } from './reduce.ts';
import { initialState, type PageState } from './state.ts';

/** Content that depends only on the time, such as a countdown, is rendered again at this interval (ms). */
const TICK_MS = 1_000;

/** Shortest time (ms) between two renderings: the sales of a day arrive in several messages within a tenth of a second. */
const GAP_MS = 80;

/** The state as components see it. */
export interface PageStore {
  readonly state: ReadonlySignal<PageState>;
  /** ms of this browser's clock; as old as the last change that was drawn, at most a second. */
  readonly now: ReadonlySignal<number>;
  /** The state with every message, also those that components don't see yet: what a press decides on. */
  latest(): PageState;
  dispatch(message: Message): void;
}

/** Messages change the state at once; components see it in the next frame, but at most every {@link GAP_MS}, apart from the first status. */
export function createStore(): PageStore {
  const state = signal(initialState);
  const now = signal(Date.now());
  let latest = initialState;
  let isStale = false;
  /** Whether a timer or a frame is awaited. In a hidden tab no frame comes; the tick draws there. */
  let isAwaited = false;
  let drawnAt = Number.NEGATIVE_INFINITY;

  function draw(): void {
    isStale = false;
    drawnAt = performance.now();
    batch(() => {
      state.value = latest;
      now.value = Date.now();
    });
  }

  let isUrgentAwaited = false;
  /** The first status enables the buttons, so it doesn't wait for the gap. */
  const isUrgent = () => latest.status !== null && state.peek().status === null;

  function drawSoon(): void {
    if (isUrgent() && !isUrgentAwaited) {
      isUrgentAwaited = true;
      requestAnimationFrame(onUrgentFrame);
    }
    if (isAwaited) return;
    isAwaited = true;
    const wait = Math.ceil(drawnAt + GAP_MS - performance.now());
    if (wait <= 0) requestAnimationFrame(onFrame);
    else setTimeout(() => requestAnimationFrame(onFrame), wait);
  }

  /** The tick may have drawn in the meantime. */
  function onFrame(): void {
    isAwaited = false;
    if (!isStale) return;
    if (performance.now() - drawnAt < GAP_MS) drawSoon();
    else draw();
  }

  function onUrgentFrame(): void {
    isUrgentAwaited = false;
    if (isUrgent()) draw();
  }

  setInterval(draw, TICK_MS);
  return {
    state,
    now,
    latest: () => latest,
    dispatch: (message) => {
      latest = reduce(latest, message);
      isStale = true;
      drawSoon();
    },
  };
}
