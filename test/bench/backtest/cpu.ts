/** What a forecast with its backtest costs. */

import { type ForecastRequest, forecastSeries } from '../../../shared/forecast/demand-forecast.ts';
import type { Offer } from '../../../shared/forecast/offers.ts';
import { generatedPairs } from '../../support/generated-series.ts';

const REQUEST: ForecastRequest = { horizon: 14, levels: [80, 95], model: 'auto' };
/** By name: the planned offers; null where offers aren't known at all. */
const PLANS: Readonly<Record<string, readonly Offer[] | null>> = {
  'without prices': null,
  'with the last known offer': [],
  'under a plan': new Array<Offer>(REQUEST.horizon).fill({ netPrice: 30, isPromoted: true }),
};

/** Prints the processor time of a forecast of 731 days with the backtest of all models, over the 100 pairs of a seed. */
export function reportCpu(seed: number): void {
  const pairs = generatedPairs(seed);
  console.log(`\nSeed ${seed}: processor time of a forecast with its backtest, ${pairs.length} pairs\n`);
  console.log('| offers | mean | median | 9 of 10 below | most |');
  console.log('| --- | --- | --- | --- | --- |');
  for (const [name, ahead] of Object.entries(PLANS)) {
    const forecasts = pairs.map(({ units, offers }) => () => {
      forecastSeries(units, REQUEST, ahead === null ? undefined : { past: offers, ahead });
    });
    // The first ones also compile the code.
    for (const forecast of forecasts.slice(0, 10)) forecast();
    const each = forecasts.map(cpuMs).toSorted((a, b) => a - b);
    const mean = each.reduce((sum, ms) => sum + ms, 0) / each.length;
    const cells = [mean, ...[0.5, 0.9, 1].map((share) => Number(each[Math.ceil(share * each.length) - 1]))];
    console.log(`| ${[name, ...cells.map((ms) => `${ms.toFixed(1)} ms`)].join(' | ')} |`);
  }
}

function cpuMs(work: () => void): number {
  const started = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1000;
}
