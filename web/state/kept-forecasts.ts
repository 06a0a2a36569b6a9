import type { RunForecastsAnswer } from '../answers.ts';

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
