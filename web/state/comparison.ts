import { type DaySummary, isComplete } from './sums.ts';

const DAY_MS = 86_400_000;
const WEEK_MS = 7 * DAY_MS;

/** Number of weeks whose same weekday defines what is usual. */
const USUAL_WEEKS = 8;

/** With fewer weeks, no day is called unusual. */
const LEAST_WEEKS = 4;

/** A day beside the same weekday a week earlier. */
export interface Comparison {
  readonly before: DaySummary;
  /** Whether the day is outside one standard deviation of the last eight same weekdays. */
  readonly isUnusual: boolean;
}

/**
 * Compares a day with the same weekday a week earlier: from one day to the next, sales differ mostly by weekday.
 *
 * @param measure What decides whether the day is unusual.
 * @returns Null if one of the two days is missing or not complete.
 */
export function compareWithLastWeek(
  days: ReadonlyMap<number, DaySummary>,
  day: DaySummary,
  measure: (day: DaySummary) => number,
): Comparison | null {
  const earlier = [...days.values()].filter(
    (other) => other.dayIndex < day.dayIndex && weeksBetween(other, day) !== null && isComplete(other),
  );
  const before = earlier.find((other) => weeksBetween(other, day) === 1);
  if (!before || !isComplete(day)) return null;
  const usual = earlier.filter((other) => (weeksBetween(other, day) ?? Infinity) <= USUAL_WEEKS).map(measure);
  return { before, isUnusual: isOutside(measure(day), usual) };
}

/** Weeks whose same weekday tells the API what a sold-out product would have sold. */
const ESTIMATED_WEEKS = 4;

/** Whether the loss of a day that sold out can be estimated: by the same weekday of the four weeks before. */
export function hasLossEstimate(days: ReadonlyMap<number, DaySummary>, day: DaySummary): boolean {
  return [...days.values()].some(
    (other) =>
      other.dayIndex < day.dayIndex &&
      (weeksBetween(other, day) ?? Number.POSITIVE_INFINITY) <= ESTIMATED_WEEKS,
  );
}

/** Whole weeks between two dates; null if they are different weekdays. */
function weeksBetween(earlier: DaySummary, later: DaySummary): number | null {
  const weeks = (Date.parse(later.date) - Date.parse(earlier.date)) / WEEK_MS;
  return Number.isInteger(weeks) ? weeks : null;
}

/** Whether a value is more than one standard deviation away from the mean of others. */
function isOutside(value: number, others: readonly number[]): boolean {
  if (others.length < LEAST_WEEKS) return false;
  const mean = others.reduce((sum, other) => sum + other, 0) / others.length;
  const squares = others.reduce((sum, other) => sum + (other - mean) ** 2, 0);
  return Math.abs(value - mean) > Math.sqrt(squares / (others.length - 1));
}
