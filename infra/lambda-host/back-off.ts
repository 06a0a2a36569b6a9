import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/** Waits after the nth failure in a row (from 1), twice as long each time; returns early when the signal aborts. */
export async function backOff(failures: number, signal: AbortSignal): Promise<void> {
  const milliseconds = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
