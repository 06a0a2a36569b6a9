import { setTimeout as delay } from 'node:timers/promises';

const FIRST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

/**
 * Pauses between two attempts: 100 ms at first, doubled after each failure, at most 5 s.
 *
 * @param failures Consecutive failures so far, from 1.
 * @param signal Ends the pause early; the promise resolves then too.
 */
export async function backOff(failures: number, signal: AbortSignal): Promise<void> {
  const milliseconds = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** (failures - 1));
  await delay(milliseconds, undefined, { signal }).catch(() => undefined);
}
