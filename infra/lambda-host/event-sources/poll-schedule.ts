import { setTimeout as delay } from 'node:timers/promises';

/** When to look again. */
export interface Pace {
  /** Waits until the next look is due; returns at once after `stop`. */
  untilNextLook(): Promise<void>;
  /** Something was found. */
  found(): void;
  /** Something has probably just happened: looks again several times soon. */
  nudge(): void;
  stop(): void;
}

/** A write of DynamoDB shows up in its stream after 3 to 15 ms; a busy machine may take longer. */
const AFTER_NUDGE_MS = [2, 5, 15, 40, 100];

/** How long after the last thing that happened it counts as quiet. */
const QUIET_AFTER_MS = 5_000;

/** @param lookMs Time between looks while things happen, and while it is quiet. */
export function createPace(lookMs: { readonly busy: number; readonly quiet: number }): Pace {
  let soon: number[] = [];
  let lastBusy = performance.now();
  let wake = new AbortController();
  let stopped = false;

  function regularPause(): number {
    return performance.now() - lastBusy < QUIET_AFTER_MS ? lookMs.busy : lookMs.quiet;
  }

  return {
    async untilNextLook() {
      if (stopped) return;
      wake = new AbortController();
      await delay(soon.shift() ?? regularPause(), undefined, { signal: wake.signal }).catch(() => undefined);
    },
    found() {
      lastBusy = performance.now();
    },
    nudge() {
      lastBusy = performance.now();
      soon = [...AFTER_NUDGE_MS];
      wake.abort();
    },
    stop() {
      stopped = true;
      wake.abort();
    },
  };
}
