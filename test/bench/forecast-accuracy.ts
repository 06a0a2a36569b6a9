/**
 * The accuracy table of docs/forecasting.md: every model, and automatic choice, on all 100 store–product pairs of the
 * generated data set, judged on the last twelve weeks. `npm run rtm -- backtest [--seed 1 --seed 2 --seed 3]`
 */
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { backtest } from '../../shared/forecast/backtest/backtest.ts';
import { generatedSeries } from '../support/generated-series.ts';
import { type OutOfSample, outOfSample } from '../support/out-of-sample.ts';

const LEVELS = [0.8, 0.95];
/** The seed `npm start` uses. The models' settings were chosen on it. */
const DEFAULT_SEEDS = ['1'];

const seedSchema = z.coerce.number().int().min(0).max(0xffffffff);

function report(seed: number): void {
  const pairs = generatedSeries(seed);
  const started = process.cpuUsage();
  const results = pairs.map((series) => outOfSample(backtest(series), LEVELS));
  const { user, system } = process.cpuUsage(started);
  console.log(`\nSeed ${seed}: ${pairs.length} pairs, ${((user + system) / 1e6).toFixed(1)} s of CPU\n`);
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

const { values } = parseArgs({
  options: { seed: { type: 'string', multiple: true, default: DEFAULT_SEEDS } },
});
for (const seed of values.seed) report(seedSchema.parse(seed));
