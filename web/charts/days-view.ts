import type { ForecastAnswer } from '../answers.ts';
import { formatCount, formatDate, formatInteger } from '../format.ts';
import type { CsvValue } from '../share/save.ts';
import { intervalOf, isAnomaly, type KeptDay } from '../state/kept-forecasts.ts';
import type { DaySummary } from '../state/sums.ts';
import { isPromotionDay } from '../views/timeline-layout.ts';

const WEEK = 7;

/** With fewer days a weekly mean adds little to the days themselves. */
const WITH_MEANS = 28;

/** A year back, on the same weekday. */
export const YEAR = 52 * WEEK;

/** Levels of the intervals that are drawn, in percent; the widest is at the back. */
export const BAND_LEVELS = [95, 80] as const;

export interface Point {
  /** Index of the day. */
  readonly x: number;
  readonly y: number;
}

/** What was forecast for the days after a day. */
export interface Outlook {
  /** Index of the last day that the forecast knew. */
  readonly after: number;
  readonly steps: ForecastAnswer['forecast'];
}

/** A forecast of one day: kept on the evening before, or from the outlook. */
export type DayForecast = Pick<KeptDay, 'date' | 'forecast_units' | 'intervals'>;

/** Units by day as the chart shows them. */
export interface DaysView {
  /** Complete days in chronological order. */
  readonly days: readonly DaySummary[];
  /** Units sold: of all stores or of the chosen one. */
  readonly sold: readonly Point[];
  readonly means: readonly Point[];
  readonly yearEarlier: readonly Point[];
  /** What was forecast: up to the day after the current one on the evening before, beyond it on the current day. */
  readonly forecast: readonly Point[];
  /** In the order of {@link BAND_LEVELS}; they begin at the current day's units. */
  readonly bands: readonly { readonly lower: readonly Point[]; readonly upper: readonly Point[] }[];
  readonly anomalies: readonly Point[];
  /** First and last index of days with promotion. */
  readonly promotions: readonly (readonly [from: number, to: number])[];
  /** The current day, or the past one that is looked at; null if it isn't among those shown. */
  readonly now: DaySummary | null;
  /** Forecasts by the index of their day, for tooltips. */
  readonly forecasts: ReadonlyMap<number, DayForecast>;
  /** One sentence about the current day. */
  readonly text: string;
}

interface DaysShown {
  /** The days shown, and those of the whole run by their index. */
  readonly days: readonly DaySummary[];
  readonly all: ReadonlyMap<number, DaySummary>;
  /** Index of the current day, or of the past one that is looked at. */
  readonly current: number;
  /** The store whose sales are shown; null for all. */
  readonly storeId: string | null;
  readonly kept: ReadonlyMap<number, KeptDay>;
  readonly outlook: Outlook | null;
}

/** Derives what the chart of units by day shows from the days of the run and the forecasts that have been read. */
export function daysView({ days, all, current, storeId, kept, outlook }: DaysShown): DaysView {
  const unitsOf = (dayIndex: number): number | null => {
    if (storeId === null) return all.get(dayIndex)?.units ?? null;
    return kept.get(dayIndex)?.actual ?? null;
  };
  const pointsOf = (back: number) =>
    days.flatMap(({ dayIndex }) => {
      const y = unitsOf(dayIndex - back);
      return y === null ? [] : [{ x: dayIndex, y }];
    });
  const sold = pointsOf(0);
  const [first, last] = [days[0]?.dayIndex ?? 0, days.at(-1)?.dayIndex ?? -1];
  const ahead = last >= current ? aheadOf(current, kept, outlook) : new Map<number, DayForecast>();
  const past = [...kept].filter(([dayIndex]) => dayIndex >= first && dayIndex <= Math.min(last, current));
  const forecasts = new Map<number, DayForecast>([...past, ...ahead]);
  const now = days.find(({ dayIndex }) => dayIndex === current) ?? null;
  return {
    days,
    sold,
    means: days.length >= WITH_MEANS ? weeklyMeans(sold) : [],
    yearEarlier: pointsOf(YEAR),
    forecast: [...forecasts].flatMap(([x, { forecast_units: y }]) => (y === null ? [] : [{ x, y }])),
    bands: BAND_LEVELS.map((level) => bandOf(level, ahead, { x: current, y: unitsOf(current) })),
    anomalies: sold.filter(({ x, y }) => {
      const day = kept.get(x);
      return day !== undefined && isAnomaly(day, y);
    }),
    promotions: spansOf(days.filter(isPromotionDay).map(({ dayIndex }) => dayIndex)),
    now,
    forecasts,
    text: now ? textOf(now, unitsOf(current), kept.get(current)) : '',
  };
}

/** A row for each day that was sold on or is forecast. */
export function daysRows({ days, sold, yearEarlier, forecasts }: DaysView): CsvValue[][] {
  const levels = BAND_LEVELS.toReversed();
  const dates = new Map<number, string>();
  for (const { dayIndex, date } of days) dates.set(dayIndex, date);
  for (const [dayIndex, { date }] of forecasts) dates.set(dayIndex, date);
  const unitsOf = (points: readonly Point[]) => new Map(points.map(({ x, y }) => [x, y]));
  const [soldOn, earlier] = [unitsOf(sold), unitsOf(yearEarlier)];
  const edges = levels.flatMap((level) => [`Lower ${level} %`, `Upper ${level} %`]);
  return [
    ['Date', 'Sold', 'Forecast', ...edges, 'A year earlier'],
    ...[...dates]
      .toSorted(([one], [other]) => one - other)
      .map(([dayIndex, date]) => {
        const forecast = forecasts.get(dayIndex);
        const intervals = levels.map((level) => forecast && intervalOf(forecast, level));
        return [
          date,
          soldOn.get(dayIndex),
          forecast?.forecast_units,
          ...intervals.flatMap((interval) => [interval?.lower, interval?.upper]),
          earlier.get(dayIndex),
        ];
      }),
  ];
}

/** Forecasts of the days after the current one: tomorrow's is the one that is kept, those of later days the outlook's. */
function aheadOf(
  current: number,
  kept: ReadonlyMap<number, KeptDay>,
  outlook: Outlook | null,
): Map<number, DayForecast> {
  const tomorrow = kept.get(current + 1);
  // An outlook of a day before tells less of the days ahead, but more than nothing.
  const steps =
    outlook && outlook.after <= current
      ? outlook.steps.map((step) => [outlook.after + step.day, step] as const)
      : [];
  return new Map<number, DayForecast>([
    ...(tomorrow && tomorrow.forecast_units !== null ? [[current + 1, tomorrow] as const] : []),
    ...steps.filter(([dayIndex]) => dayIndex > current + (tomorrow ? 1 : 0)),
  ]);
}

function bandOf(
  level: number,
  ahead: ReadonlyMap<number, DayForecast>,
  { x, y }: { readonly x: number; readonly y: number | null },
): { readonly lower: readonly Point[]; readonly upper: readonly Point[] } {
  const begin = y === null || ahead.size === 0 ? [] : [{ x, y }];
  const intervals = [...ahead].flatMap(([dayIndex, day]) => {
    const interval = intervalOf(day, level);
    return interval ? [{ dayIndex, ...interval }] : [];
  });
  return {
    lower: [...begin, ...intervals.map(({ dayIndex, lower }) => ({ x: dayIndex, y: lower }))],
    upper: [...begin, ...intervals.map(({ dayIndex, upper }) => ({ x: dayIndex, y: upper }))],
  };
}

/** Joins consecutive indexes, which ascend. */
function spansOf(indexes: readonly number[]): [from: number, to: number][] {
  const spans: [from: number, to: number][] = [];
  for (const index of indexes) {
    const last = spans.at(-1);
    if (last && index === last[1] + 1) last[1] = index;
    else spans.push([index, index]);
  }
  return spans;
}

/** The mean of each point and the six before it, from the seventh on: averaging over a week removes the weekly pattern. */
export function weeklyMeans(points: readonly Point[]): Point[] {
  return points.slice(WEEK - 1).map(({ x }, index) => {
    const week = points.slice(index, index + WEEK);
    return { x, y: week.reduce((sum, { y }) => sum + y, 0) / WEEK };
  });
}

function textOf({ date }: DaySummary, units: number | null, kept: KeptDay | undefined): string {
  if (units === null) return '';
  const sold = `${formatDate(date)}: ${formatCount(units, 'unit')}`;
  const forecast = kept?.forecast_units ?? null;
  if (kept === undefined) return `${sold}.`;
  if (forecast === null) return `${sold}; nothing was forecast for it.`;
  const interval = intervalOf(kept, BAND_LEVELS[0]);
  const range = interval
    ? `, ${isAnomaly(kept, units) ? 'outside' : 'within'} the ${BAND_LEVELS[0]} % interval of ${rangeText(interval)}`
    : '';
  return `${sold}; the day before, ${formatInteger(forecast)} were forecast${range}.`;
}

/** An interval in words. */
export function rangeText({ lower, upper }: { readonly lower: number; readonly upper: number }): string {
  return `${formatInteger(lower)} to ${formatInteger(upper)}`;
}

/** The end of an axis from zero, and the distance of its labels: no value is above the highest label. */
export function axisTop(greatest: number, labels = 5): { readonly max: number; readonly step: number } {
  if (greatest <= 0) return { max: 1, step: 1 };
  const least = greatest / labels;
  const power = 10 ** Math.floor(Math.log10(least));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= least * (1 - 1e-9));
  const size = Math.max(1, Math.round(step ?? 10 * power));
  return { max: Math.ceil(greatest / size - 1e-9) * size, step: size };
}
