import { setTimeout as delay } from 'node:timers/promises';

/** When to look again. */
export interface Pace {
  /** Waits until the next look is due; returns at once after `stop`. */
  untilNextLook(): Promise<void>;
  /** Something has probably just happened: looks again at once, and several times soon after. */
  nudge(): void;
  stop(): void;
}

/** A write of DynamoDB shows up in its stream after 3 to 15 ms; a busy machine may take longer. */
const AFTER_NUDGE_MS = [0, 5, 10, 20, 40, 80];

/** @param idleMs Time between looks while nothing nudges. */
export function createPace(idleMs: number): Pace {
  let soon: number[] = [];
  let wake = new AbortController();
  let stopped = false;

  return {
    async untilNextLook() {
      if (stopped) return;
      wake = new AbortController();
      await delay(soon.shift() ?? idleMs, undefined, { signal: wake.signal }).catch(() => undefined);
    },
    nudge() {
      soon = [...AFTER_NUDGE_MS];
      wake.abort();
    },
    stop() {
      stopped = true;
      wake.abort();
    },
  };
}

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Waits after the nth failure in a row (from 1), twice as long each time; returns early when the signal aborts. */
export async function backOff(failures: number, signal: AbortSignal): Promise<void> {
  const milliseconds = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
