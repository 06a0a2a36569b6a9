/** How often intervals hold on series whose regime changes, and how wide they are: two weeks ahead of each series. */

import { type DemandForecast, forecastDemand } from '../../../shared/forecast/demand-forecast.ts';
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

/** Three histories of a series with what came after, spread over its days; another series has other ones. */
export function spreadCases(series: readonly number[], index: number, fewest: number): BrokenSeries[] {
  const room = series.length - HORIZON - fewest + 1;
  return [0, 1, 2].map((third) => {
    const cutoff = fewest + ((index * 97 + Math.floor((third * room) / 3)) % room);
    return { history: series.slice(0, cutoff), future: series.slice(cutoff, cutoff + HORIZON) };
  });
}

/** Prints one row; also for series that other reports bring. */
export function printRow(name: string, cases: readonly BrokenSeries[]): void {
  const sums = LEVELS.map(() => ({ held: 0, below: 0, above: 0, winkler: 0, claimed: 0 }));
  let days = 0;
  for (const { history, future } of cases) {
    const forecast = forecastDemand(history, { horizon: HORIZON, levels: LEVELS, model: 'auto' });
    const size = Math.max(future.reduce((sum, units) => sum + units, 0) / future.length, 1);
    days += future.length;
    sums.forEach((sum, index) => {
      sum.claimed += Number(claimOf(forecast, index)) / cases.length;
      future.forEach((actual, step) => {
        const { lower = 0, upper = 0 } = forecast.steps[step]?.intervals[index] ?? {};
        if (actual < lower) sum.below += 1;
        else if (actual > upper) sum.above += 1;
        else sum.held += 1;
        const tail = (1 - Number(LEVELS[index]) / 100) / 2;
        const miss = Math.max(lower - actual, actual - upper, 0);
        sum.winkler += (upper - lower + miss / tail) / size;
      });
    });
  }
  const percent = (count: number): string => ((100 * count) / days).toFixed(1);
  const cells = [
    ...sums.map(({ held }) => percent(held)),
    sums.map(({ claimed }) => (100 * claimed).toFixed(1)).join(' / '),
    ...sums.map(({ below, above }) => `${percent(below)} / ${percent(above)}`),
    ...sums.map(({ winkler }) => (winkler / days).toFixed(3)),
  ];
  console.log(`| ${[name, ...cells].join(' | ')} |`);
}

function claimOf({ model, backtest }: DemandForecast, level: number): number | null {
  return backtest.rows.find((row) => row.model === model)?.coverage[level]?.share ?? null;
}
