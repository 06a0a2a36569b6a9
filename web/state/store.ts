import { batch, type ReadonlySignal, signal } from '@preact/signals';
import { type Message, reduce } from './reduce.ts';
import { initialState, type PageState } from './state.ts';

/** Content that depends only on the time, such as a countdown, is rendered again at this interval (ms). */
const TICK_MS = 1_000;

/** The state as components see it. */
export interface Store {
  readonly state: ReadonlySignal<PageState>;
  /** ms of this browser's clock; as old as the last change that was drawn, at most a second. */
  readonly now: ReadonlySignal<number>;
  dispatch(message: Message): void;
}

/** Messages change the state at once; components see it once per frame, however many messages arrived. */
export function createStore(): Store {
  const state = signal(initialState);
  const now = signal(Date.now());
  let latest = initialState;
  let isDrawDue = false;

  function draw(): void {
    isDrawDue = false;
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
      requestAnimationFrame(draw);
    },
  };
}
