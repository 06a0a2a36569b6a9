import { setTimeout as delay } from 'node:timers/promises';

/** Decides when to poll next. */
export interface PollSchedule {
  /** Waits until the next poll is due; returns at once after `stop`. */
  untilNextPoll(): Promise<void>;
  /** The last poll found something. */
  found(): void;
  /** Something has probably just happened: polls several times soon. */
  wake(): void;
  stop(): void;
}

/** A write of DynamoDB shows up in its stream after 3 to 15 ms; a busy machine may take longer. */
const AFTER_WAKE_MS = [2, 5, 15, 40, 100];

/** It is quiet when nothing has happened for this long. */
const QUIET_AFTER_MS = 5_000;

/** @param pollMs Time between polls while things happen, and while it is quiet. */
export function createPollSchedule(pollMs: { readonly busy: number; readonly quiet: number }): PollSchedule {
  let soon: number[] = [];
  let lastBusy = performance.now();
  let waiting = new AbortController();
  let stopped = false;

  function regularPause(): number {
    return performance.now() - lastBusy < QUIET_AFTER_MS ? pollMs.busy : pollMs.quiet;
  }

  return {
    async untilNextPoll() {
      if (stopped) return;
      waiting = new AbortController();
      await delay(soon.shift() ?? regularPause(), undefined, { signal: waiting.signal }).catch(
        () => undefined,
      );
    },
    found() {
      lastBusy = performance.now();
    },
    wake() {
      lastBusy = performance.now();
      soon = [...AFTER_WAKE_MS];
      waiting.abort();
    },
    stop() {
      stopped = true;
      waiting.abort();
    },
  };
}
