import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { type Message, reduce } from './reduce.ts';
import { initialState, type PageState } from './state.ts';

/** Content that depends only on the time, such as a countdown, is rendered again at this interval (ms). */
const TICK_MS = 1_000;

/** Shortest time (ms) between two renderings: the sales of a day arrive in several messages within a tenth of a second. */
const GAP_MS = 80;

/** The state as components see it. */
export interface Store {
  readonly state: ReadonlySignal<PageState>;
  /** ms of this browser's clock; as old as the last change that was drawn, at most a second. */
  readonly now: ReadonlySignal<number>;
  dispatch(message: Message): void;
}

/** Messages change the state at once; components see it in the next frame, but at most every {@link GAP_MS}. */
export function createStore(): Store {
  const state = signal(initialState);
  const now = signal(Date.now());
  let latest = initialState;
  let isDrawDue = false;
  let drawnAt = Number.NEGATIVE_INFINITY;

  function draw(): void {
    isDrawDue = false;
    drawnAt = performance.now();
    batch(() => {
      state.value = latest;
      now.value = Date.now();
    });
  }

  setInterval(draw, TICK_MS);
  return {
    state,
    now,
    dispatch: (message) => {
      latest = reduce(latest, message);
      if (isDrawDue) return;
      isDrawDue = true;
      const wait = drawnAt + GAP_MS - performance.now();
      if (wait <= 0) requestAnimationFrame(draw);
      else setTimeout(() => requestAnimationFrame(draw), wait);
    },
  };
}
