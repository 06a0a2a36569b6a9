const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the next attempt: twice as long after each failure, with a random half of it taken off, so that
 * many browsers that lost one server don't come back at the same moment.
 *
 * @param failures Attempts that have failed in a row, at least 1.
 * @param random In [0, 1).
 * @param atLeastMs What the server has asked for.
 */
export function backOff(failures: number, random: number, atLeastMs = 0): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(atLeastMs, Math.round(whole * (0.5 + random / 2)));
}
