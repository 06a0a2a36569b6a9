import { backtestDemand, forecastDemand } from '../../../shared/forecast/demand-forecast.ts';
import { tuneMovingAverage } from '../../../shared/forecast/moving-average.ts';
import { generatedSeries } from '../../support/generated-series.ts';
import type { Bench } from '../bench.ts';

const STUDIES = 20;
const DAYS = 731;
const FORECAST = { horizon: 28, levels: [80, 95], model: 'auto' } as const;

export const optimize: Bench = {
  row: 'optimize',
  what: 'processor time of a search over 731 days, and of the forecasts beside it, on series of the generated data set',
  figures: {
    trials20: { what: 'search, 20 trials', unit: 'ms of CPU', goal: { below: 20 } },
    trials50: { what: 'search, 50 trials', unit: 'ms of CPU', goal: { below: 50 } },
    forecast: { what: 'forecast with its backtest', unit: 'ms of CPU' },
    backtests: { what: 'backtest of all 100 series', unit: 'ms of CPU' },
  },
  async open() {
    const series = generatedSeries(1).map((one) => one.slice(0, DAYS));
    const some = series.slice(0, STUDIES);
    return {
      // The first search runs cold code and counts like every other.
      round: async () => ({
        trials20: some.map((one) => cpuOf(() => tuneMovingAverage(one, 20))),
        trials50: some.map((one) => cpuOf(() => tuneMovingAverage(one, 50))),
        forecast: some.map((one) => cpuOf(() => forecastDemand(one, FORECAST))),
        backtests: cpuOf(() => series.map((one) => backtestDemand(one, FORECAST.levels))),
      }),
      close: async () => {},
    };
  },
};

/** Milliseconds. */
function cpuOf(run: () => unknown): number {
  const started = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}
