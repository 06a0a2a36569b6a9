/** How often intervals hold on series whose regime changes, and how wide they are: two weeks ahead of each series. */

import { randomStream } from '../../../data/generator/random-stream.ts';
import { type DemandForecast, forecastSeries } from '../../../shared/forecast/demand-forecast.ts';
import { type BrokenSeries, brokenSeries, REGIMES } from '../../support/broken-series.ts';
import { generatedSeries } from '../../support/generated-series.ts';

const LEVELS = [80, 95] as const;
const SERIES = 100;
const HORIZON = 14;
/** Shortest history of a generated series; the others end on any later day, so that no date weighs more than another. */
const FEWEST_DAYS = 60;

/** Prints how often the intervals of each regime held, what the answers claimed and the Winkler score. */
export function reportIntervals(seed: number): void {
  printHead(`Seed ${seed}: intervals ${HORIZON} days ahead, ${SERIES} series of each kind`);
  for (const regime of REGIMES) {
    const series = Array.from({ length: SERIES }, (_, index) => brokenSeries(regime, seed * 1000 + index));
    printRow(regime, series);
  }
  printRow('generated data set', generatedCases(seed));
}

/** Prints the heading of a table of {@link printRow}. */
export function printHead(title: string): void {
  console.log(`\n${title}\n`);
  console.log(
    '| series | 80 % holds | 95 % holds | claimed | below / above 80 % | below / above 95 % | Winkler 80 % | Winkler 95 % |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
}

/** Three histories of every pair of the generated data set with what came after. */
export function generatedCases(seed: number): BrokenSeries[] {
  return generatedSeries(seed).flatMap((series, index) => spreadCases(series, index, FEWEST_DAYS));
}

/**
 * Histories of a series with what came after, spread over its days; another series has other ones.
 *
 * @param index of the series
 * @param fewest days of a history
 */
export function spreadCases(
  series: readonly number[],
  index: number,
  fewest: number,
  count = 3,
): BrokenSeries[] {
  const room = series.length - HORIZON - fewest + 1;
  return Array.from({ length: count }, (_, part) => {
    const cutoff = fewest + ((index * 97 + Math.floor((part * room) / count)) % room);
    return { history: series.slice(0, cutoff), future: series.slice(cutoff, cutoff + HORIZON) };
  });
}

/** How the intervals of one forecast did, by level. */
export interface JudgedForecast {
  readonly days: number;
  readonly levels: readonly {
    /** Days within, below and above the interval. */
    readonly held: number;
    readonly below: number;
    readonly above: number;
    /** Sum of the days' Winkler scores, relative to the mean demand. */
    readonly winkler: number;
    /** What the answer expects to hold, 0 to 1. */
    readonly claimed: number;
  }[];
}

/** Prints one row; also for series that other reports bring. Returns what it was made from. */
export function printRow(name: string, cases: readonly BrokenSeries[]): JudgedForecast[] {
  const judged = cases.map(judge);
  const days = sumOf(judged, (each) => each.days);
  const percent = (count: number): string => ((100 * count) / days).toFixed(1);
  const sums = LEVELS.map((_, level) => {
    const total = (key: 'held' | 'below' | 'above' | 'winkler' | 'claimed') =>
      sumOf(judged, ({ levels }) => Number(levels[level]?.[key]));
    return {
      held: percent(total('held')),
      misses: `${percent(total('below'))} / ${percent(total('above'))}`,
      winkler: (total('winkler') / days).toFixed(3),
      claimed: ((100 * total('claimed')) / judged.length).toFixed(1),
    };
  });
  const cells = [
    ...sums.map(({ held }) => held),
    sums.map(({ claimed }) => claimed).join(' / '),
    ...sums.map(({ misses }) => misses),
    ...sums.map(({ winkler }) => winkler),
  ];
  console.log(`| ${[name, ...cells].join(' | ')} |`);
  return judged;
}

function judge({ history, future }: BrokenSeries): JudgedForecast {
  const forecast = forecastSeries(history, { horizon: HORIZON, levels: LEVELS, model: 'auto' });
  const size = Math.max(sumOf(future, (units) => units) / future.length, 1);
  const levels = LEVELS.map((level, index) => {
    const tail = (1 - level / 100) / 2;
    let [held, below, above, winkler] = [0, 0, 0, 0];
    future.forEach((actual, step) => {
      const { lower = 0, upper = 0 } = forecast.steps[step]?.intervals[index] ?? {};
      if (actual < lower) below += 1;
      else if (actual > upper) above += 1;
      else held += 1;
      const miss = Math.max(lower - actual, actual - upper, 0);
      winkler += (upper - lower + miss / tail) / size;
    });
    return { held, below, above, winkler, claimed: Number(claimOf(forecast, index)) };
  });
  return { days: future.length, levels };
}

/** Resamples of a bootstrap. */
const RESAMPLES = 4_000;

/** Prints the heading of a table of {@link printBootstrapped}. */
export function printBootstrapHead(title: string): void {
  console.log(`\n${title}\n`);
  console.log(`| series | forecasts | days | ${LEVELS.map((level) => `${level} %`).join(' | ')} |`);
  console.log('| --- | --- | --- | --- | --- |');
}

/** A figure of one forecast at a level, by its index. */
type Figure = (judged: JudgedForecast, level: number) => number;

/** Per cent of a forecast's days that an interval held. */
export const shareHeld: Figure = ({ days, levels }, level) => (100 * Number(levels[level]?.held)) / days;

/** Points by which a forecast claimed more than held. */
export const claimedTooMuch: Figure = (judged, level) =>
  100 * Number(judged.levels[level]?.claimed) - shareHeld(judged, level);

/**
 * Prints the mean of a figure at each level, with the 95 % interval of a bootstrap that draws whole forecasts: the days of one err
 * together (Efron & Tibshirani, "An Introduction to the Bootstrap", 1993, chapters 8 and 13).
 */
export function printBootstrapped(name: string, judged: readonly JudgedForecast[], figure: Figure): void {
  const random = randomStream(1, 'bootstrap of series');
  const drawn = Array.from({ length: RESAMPLES }, () =>
    judged.map((_, __, { length }) => random.integer(0, length - 1)),
  );
  const cells = LEVELS.map((_, level) => {
    const each = judged.map((one) => figure(one, level));
    const mean = (indexes: readonly number[]) =>
      sumOf(indexes, (index) => Number(each[index])) / indexes.length;
    const means = drawn.map(mean).toSorted((a, b) => a - b);
    const [low, high] = [0.025, 0.975].map((share) =>
      Number(means[Math.round(share * (RESAMPLES - 1))]).toFixed(1),
    );
    return `${mean([...each.keys()]).toFixed(1)} (${low} to ${high})`;
  });
  const days = sumOf(judged, (one) => one.days);
  console.log(`| ${[name, judged.length, days, ...cells].join(' | ')} |`);
}

function sumOf<Item>(items: readonly Item[], value: (item: Item) => number): number {
  return items.reduce((sum, item) => sum + value(item), 0);
}

function claimOf({ model, backtest }: DemandForecast, level: number): number | null {
  return backtest.rows.find((row) => row.model === model)?.coverage[level]?.share ?? null;
}
