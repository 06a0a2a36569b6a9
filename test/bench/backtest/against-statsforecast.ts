/** This project's forecasts beside those of statsforecast on the same histories, in one run. */

import { SetupError } from '../../../infra/local/servers/setup-error.ts';
import { forecastSeries } from '../../../shared/forecast/demand-forecast.ts';
import type { BrokenSeries } from '../../support/broken-series.ts';
import { askStatsforecast, requireStatsforecast, STATSFORECAST } from './statsforecast.ts';

const HORIZON = 14;
const LEVELS = [80, 95] as const;
/** What the cross-validation of statsforecast's intervals leaves to estimate a model from must not be tiny. */
const FEWEST_DAYS = 120;

/** A path: of each day the mean, and the ends of the intervals by level. */
type Path = readonly (readonly number[])[];

/**
 * Prints accuracy, coverage and processor time of every model.
 *
 * @param cases with {@link HORIZON} days of future; evenly spread ones of many are taken
 * @param count how many; AutoARIMA takes seconds a series
 */
export async function reportAgainstStatsforecast(
  name: string,
  cases: readonly BrokenSeries[],
  count: number,
): Promise<void> {
  const long = cases.filter(({ history }) => history.length >= FEWEST_DAYS);
  const step = Math.max(Math.floor(long.length / count), 1);
  const chosen = long.filter((_, index) => index % step === 0).slice(0, count);
  const theirs = await statsforecast(chosen.map(({ history }) => history));
  if (theirs === null) return;
  const started = process.cpuUsage();
  const own = chosen.map(({ history }) => ownPath(history));
  const { user, system } = process.cpuUsage(started);
  console.log(
    `\n${name}: ${chosen.length} series, ${HORIZON} days ahead, beside statsforecast ${STATSFORECAST.version}\n`,
  );
  console.log(
    '| model | RMSSE 1–7 | RMSSE 1–14 | 80 % holds | 95 % holds | Winkler 80 % | Winkler 95 % | CPU per series |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  printModel('auto', chosen, own, (user + system) / 1e6);
  printModel('seasonal naive', chosen, chosen.map(naivePath), 0);
  for (const [model, { seconds, paths }] of Object.entries(theirs)) printModel(model, chosen, paths, seconds);
}

async function statsforecast(histories: readonly (readonly number[])[]) {
  try {
    const python = await requireStatsforecast(console.log);
    return await askStatsforecast(python, { horizon: HORIZON, levels: LEVELS, histories });
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    console.log(`No comparison with statsforecast: ${error.message}`);
    return null;
  }
}

function ownPath(history: readonly number[]): Path {
  const { steps } = forecastSeries(history, { horizon: HORIZON, levels: LEVELS, model: 'auto' });
  return steps.map(({ units, intervals }) => [
    units,
    ...intervals.flatMap(({ lower, upper }) => [lower, upper]),
  ]);
}

function naivePath({ history }: BrokenSeries): Path {
  return Array.from({ length: HORIZON }, (_, step) => [Number(history.at((step % 7) - 7))]);
}

function printModel(
  name: string,
  cases: readonly BrokenSeries[],
  paths: readonly Path[],
  seconds: number,
): void {
  const week = rmsse(cases, paths, 7);
  const fortnight = rmsse(cases, paths, HORIZON);
  const cells = [
    name,
    week.toFixed(3),
    fortnight.toFixed(3),
    ...(paths[0]?.[0]?.length === 1 ? ['', '', '', ''] : intervalCells(cases, paths)),
    seconds > 0 ? `${((1000 * seconds) / cases.length).toFixed(0)} ms` : '',
  ];
  console.log(`| ${cells.join(' | ')} |`);
}

/** Mean over the series of the root mean squared error, on the scale of "as yesterday" in their histories. */
function rmsse(cases: readonly BrokenSeries[], paths: readonly Path[], days: number): number {
  const each = cases.map(({ history, future }, index) => {
    const scale = mean(history.slice(1).map((units, day) => (units - Number(history[day])) ** 2));
    const errors = future
      .slice(0, days)
      .map((actual, step) => (actual - Number(paths[index]?.[step]?.[0])) ** 2);
    return scale > 0 ? Math.sqrt(mean(errors) / scale) : 0;
  });
  return mean(each);
}

function intervalCells(cases: readonly BrokenSeries[], paths: readonly Path[]): string[] {
  const sums = LEVELS.map(() => ({ held: 0, winkler: 0 }));
  let days = 0;
  cases.forEach(({ future }, index) => {
    const size = Math.max(mean(future), 1);
    future.forEach((actual, step) => {
      days += 1;
      const bounds = paths[index]?.[step] ?? [];
      sums.forEach((sum, level) => {
        const [lower, upper] = [Number(bounds[1 + 2 * level]), Number(bounds[2 + 2 * level])];
        const tail = (1 - Number(LEVELS[level]) / 100) / 2;
        sum.held += Number(lower <= actual && actual <= upper);
        sum.winkler += (upper - lower + Math.max(lower - actual, actual - upper, 0) / tail) / size;
      });
    });
  });
  return [
    ...sums.map(({ held }) => ((100 * held) / days).toFixed(1)),
    ...sums.map(({ winkler }) => (winkler / days).toFixed(3)),
  ];
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
