/** How well reconciled forecasts of every level do, and what all of them cost. */

import { FORECAST_LEVELS } from '../../../shared/api/forecast-models.ts';
import { forecastLevels } from '../../../shared/forecast/reconciliation/level-forecasts.ts';
import { generatedPairs } from '../../support/generated-series.ts';

/** Prints the RMSSE of both methods by level, judged on the later half of the windows, and the processor time. */
export function reportLevels(seed: number): void {
  const pairs = generatedPairs(seed);
  const started = process.cpuUsage();
  const { accuracy, forecasts, method } = forecastLevels(pairs, { model: 'auto', reconciliation: 'auto' });
  const { user, system } = process.cpuUsage(started);
  const seconds = ((user + system) / 1e6).toFixed(2);
  console.log(`\nSeed ${seed}: ${forecasts.length} series in ${seconds} s of CPU, default ${method}\n`);
  console.log(`| method | ${FORECAST_LEVELS.join(' | ')} | mean |`);
  console.log(`| --- |${' --- |'.repeat(FORECAST_LEVELS.length + 1)}`);
  for (const one of accuracy) {
    const cells = [...one.levels.map(({ rmsse }) => rmsse), one.mean].map((value) =>
      Number(value).toFixed(4),
    );
    console.log(`| ${one.method} | ${cells.join(' | ')} |`);
  }
}
