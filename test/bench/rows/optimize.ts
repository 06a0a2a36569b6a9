import { backtestSeries, forecastSeries } from '../../../shared/forecast/demand-forecast.ts';
import { tuneMovingAverage } from '../../../shared/forecast/moving-average.ts';
import { generatedSeries } from '../../support/generated-series.ts';
import { askStatsforecast } from '../backtest/statsforecast.ts';
import type { Bench, Samples } from '../bench.ts';
import { measured } from '../figure.ts';
import { optunaSearches } from '../peers/optuna.ts';
import type { Peers } from '../peers/peers.ts';

const STUDIES = 20;
/** Given to statsforecast, which takes seconds for each. */
const FORECASTS = 3;
const DAYS = 731;
const FORECAST = { horizon: 28, levels: [80, 95], model: 'auto' } as const;

export const optimize: Bench = {
  row: 'optimize',
  what: 'processor time of a search over 731 days, and of the forecasts beside it, for one series of the generated data set',
  figures: {
    trials20: { what: 'search, 20 trials', unit: 'ms of CPU', goal: { below: 20 } },
    trials50: { what: 'search, 50 trials', unit: 'ms of CPU', goal: { below: 50 } },
    forecast: { what: 'forecast with its backtest', unit: 'ms of CPU', goal: { atMost: 30 } },
    backtests: { what: 'backtest of all 100 series', unit: 'ms of CPU' },
    optuna: { what: 'Optuna, 20 trials', unit: 'ms of CPU', optional: true },
    ofOptuna: { what: 'a search of 20 trials, times less than Optuna’s', unit: '×', optional: true },
    statsforecast: { what: 'statsforecast, AutoETS and AutoTheta', unit: 'ms of CPU', optional: true },
    ofStatsforecast: {
      what: 'the forecast, of statsforecast’s',
      unit: '×',
      goal: { below: 1 },
      optional: true,
    },
  },
  async open({ peers }) {
    const series = generatedSeries(1).map((one) => one.slice(0, DAYS));
    const some = series.slice(0, STUDIES);
    return {
      // The first search runs cold code and counts like every other.
      async round() {
        const trials20 = some.map((one) => cpuOf(() => tuneMovingAverage(one, 20)));
        const trials50 = some.map((one) => cpuOf(() => tuneMovingAverage(one, 50)));
        const forecast = some.map((one) => cpuOf(() => forecastSeries(one, FORECAST)));
        return {
          trials20,
          trials50,
          forecast,
          backtests: cpuOf(() => series.map((one) => backtestSeries(one, FORECAST.levels))),
          ...(await optunaFigures(peers, some, measured(trials20).value)),
          ...(await statsforecastFigures(peers, some.slice(0, FORECASTS), measured(forecast).value)),
        };
      },
      close: async () => {},
    };
  },
};

type SomeSeries = readonly (readonly number[])[];

async function optunaFigures({ optuna }: Peers, series: SomeSeries, ours: number): Promise<Samples> {
  if (optuna === null) return {};
  const milliseconds = await optunaSearches(optuna, series, 20);
  return { optuna: milliseconds, ofOptuna: measured(milliseconds).value / ours };
}

/** Both models for each series, with intervals from its own cross-validation, as the forecast's come from its backtest. */
async function statsforecastFigures(
  { statsforecast }: Peers,
  histories: SomeSeries,
  ours: number,
): Promise<Samples> {
  if (statsforecast === null) return {};
  const { horizon, levels } = FORECAST;
  const question = { horizon, levels, histories, models: ['AutoETS', 'AutoTheta'] } as const;
  const answers = Object.values(await askStatsforecast(statsforecast, question));
  const seconds = answers.reduce((sum, each) => sum + each.seconds, 0);
  const theirs = (1_000 * seconds) / histories.length;
  return { statsforecast: theirs, ofStatsforecast: ours / theirs };
}

/** Milliseconds. */
function cpuOf(run: () => unknown): number {
  const started = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(started);
  return (user + system) / 1_000;
}
