/** The accuracy of every model and of the automatic choice on the generated data set, judged on the last twelve weeks. */

import { backtest } from '../../../shared/forecast/backtest/backtest.ts';
import { generatedSeries } from '../../support/generated-series.ts';
import { type OutOfSample, outOfSample } from '../../support/out-of-sample.ts';

const LEVELS = [0.8, 0.95];

/** Prints a table of means over the 100 store–product pairs of a seed. */
export function reportAccuracy(seed: number): void {
  reportSeriesAccuracy(`Seed ${seed}`, generatedSeries(seed));
}

/** Prints the same table of any series. */
export function reportSeriesAccuracy(name: string, pairs: readonly (readonly number[])[]): void {
  const started = process.cpuUsage();
  const results = pairs.map((series) => outOfSample(backtest(series), LEVELS));
  const { user, system } = process.cpuUsage(started);
  console.log(`\n${name}: ${pairs.length} pairs, ${((user + system) / 1e6).toFixed(1)} s of CPU\n`);
  console.log('| model | RMSSE | MASE | sMAPE | bias | 80 % | 95 % | worst against seasonal naive |');
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  const baseline = rowsOf(results, 'seasonal_naive').map(({ accuracy }) => Number(accuracy.rmsse));
  for (const { model } of results[0] ?? []) {
    const rows = rowsOf(results, model);
    const worst = Math.max(
      ...rows.map(({ accuracy }, pair) => Number(accuracy.rmsse) / Number(baseline[pair])),
    );
    const means = [
      mean(rows.map(({ accuracy }) => accuracy.rmsse)).toFixed(3),
      mean(rows.map(({ accuracy }) => accuracy.mase)).toFixed(3),
      mean(rows.map(({ accuracy }) => accuracy.smape)).toFixed(1),
      mean(rows.map(({ accuracy }) => accuracy.bias)).toFixed(2),
      ...LEVELS.map((_, level) =>
        (100 * mean(rows.map(({ coverage }) => coverage[level] ?? null))).toFixed(1),
      ),
    ];
    console.log(`| ${model} | ${means.join(' | ')} | ${worst.toFixed(3)} |`);
  }
}

function rowsOf(results: readonly OutOfSample[][], model: OutOfSample['model']): OutOfSample[] {
  return results.flatMap((rows) => rows.filter((row) => row.model === model));
}

function mean(values: readonly (number | null)[]): number {
  const known = values.filter((value) => value !== null);
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}
