/** How the forecasts that are kept with a run turn out over all days of a data set, and what they cost. */

import { generateRows } from '../../../data/generator/rows.ts';
import { accuracyOf, type PairDay, runForecasts } from '../../../shared/forecast/run-forecasts.ts';
import { textsOf } from '../../../shared/run-forecasts/store.ts';

/** Prints a row for a seed. */
export function reportRunning(seed: number): void {
  const days = [...Map.groupBy(generateRows(seed), ({ date }) => date).values()].map((rows) =>
    rows.map(
      (row): PairDay => ({
        store_id: row.storeId,
        product_id: row.productId,
        units: row.unitsSold,
        soldOut: row.unitsSold === row.inventoryLevel,
        plan: row.demandForecast,
      }),
    ),
  );
  reportRun(`Seed ${seed}`, days);
}

/** Prints the same row of any days. */
export function reportRun(name: string, days: readonly (readonly PairDay[])[]): void {
  const run = runForecasts();
  const started = process.cpuUsage();
  for (const day of days) {
    textsOf(run.evening());
    run.learn(day);
  }
  const { user, system } = process.cpuUsage(started);
  const accuracy = accuracyOf(run.evening().score);
  console.log(`\n${name}: a run of ${days.length} days, forecast one day ahead\n`);
  console.log(
    '| WAPE | seasonal naive | the data set’s own, which leaks | bias | 80 % | 95 % | tracking signal at the end | CPU per evening |',
  );
  console.log('| --- | --- | --- | --- | --- | --- | --- | --- |');
  const cells = [
    ...[accuracy.wape, accuracy.seasonal_naive_wape, accuracy.plan_wape].map((wape) =>
      wape === null ? 'none' : `${wape.toFixed(1)} %`,
    ),
    `${Number(accuracy.bias_pct).toFixed(1)} %`,
    ...accuracy.coverage.map(({ covered_pct }) => Number(covered_pct).toFixed(1)),
    Number(accuracy.tracking_signal).toFixed(2),
    `${((user + system) / 1000 / days.length).toFixed(2)} ms`,
  ];
  console.log(`| ${cells.join(' | ')} |`);
}
