import type { RunForecastsAnswer } from '../answers.ts';
import { type DaySummary, isComplete } from './sums.ts';

/** What was forecast for a day of the run on the evening before, and what was sold. */
export type KeptDay = NonNullable<RunForecastsAnswer['history']>[number];

/** Which kept forecasts are needed: of the total, or of a store, on the days of a run between two indexes, inclusive. */
export interface WantedForecasts {
  readonly runId: string;
  readonly storeId: string | null;
  readonly from: number;
  readonly to: number;
}

/** Kept forecasts that have been read, of consecutive days. */
export interface KnownForecasts extends WantedForecasts {
  /** By the index of the day. */
  readonly days: ReadonlyMap<number, KeptDay>;
}

/** The days that must still be read; null if all are known. A forecast never changes; what was sold is known once the day is over. */
export function daysToRead(
  known: KnownForecasts | null,
  wanted: WantedForecasts,
): { readonly from: number; readonly to: number } | null {
  const { from, to } = wanted;
  if (!known || !isSame(known, wanted) || from < known.from || from > known.to + 1) return { from, to };
  let next = Math.max(from, known.from);
  while (next < to && known.days.get(next)?.actual != null) next += 1;
  return next === to && known.days.has(to) ? null : { from: next, to };
}

/** Adds days that were read, in their order. Those that don't continue the known ones replace them. */
export function addForecasts(
  known: KnownForecasts | null,
  read: WantedForecasts,
  history: readonly KeptDay[],
): KnownForecasts {
  const days = new Map(history.map((day) => [day.day - 1, day]));
  const isContinued =
    known !== null && isSame(known, read) && read.from >= known.from && read.from <= known.to + 1;
  if (!isContinued) return { ...read, days };
  return {
    ...read,
    from: known.from,
    to: Math.max(known.to, read.to),
    days: new Map([...known.days, ...days]),
  };
}

function isSame(one: WantedForecasts, other: WantedForecasts): boolean {
  return one.runId === other.runId && one.storeId === other.storeId;
}

/** An interval of a forecast. @param percent Its level. */
export function intervalOf(
  { intervals }: Pick<KeptDay, 'intervals'>,
  percent: number,
): { readonly lower: number; readonly upper: number } | null {
  return intervals.find(({ level }) => level === percent) ?? null;
}

/** How sure an interval is whose outside is called an anomaly, in percent. */
export const ANOMALY_LEVEL = 95;

/** Whether the units sold lie outside the interval that was forecast for them. */
export function isAnomaly(day: Pick<KeptDay, 'intervals'>, units: number): boolean {
  const interval = intervalOf(day, ANOMALY_LEVEL);
  return interval !== null && (units < interval.lower || units > interval.upper);
}

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
