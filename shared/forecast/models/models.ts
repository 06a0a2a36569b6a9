/** The forecast models by name, and the three that are a few lines each. */

import type { ModelName } from '../../api/forecast-models.ts';
import { bestWindow, lastMean } from '../moving-average.ts';
import { type FittedModel, type ForecastModel, type Offers, WEEK } from './forecast-model.ts';
import { holtWinters } from './holt-winters.ts';
import { regression } from './regression.ts';
import { theta } from './theta.ts';
import { tsb } from './tsb.ts';

/**
 * Every day as the same weekday of the last week. The baseline that a model has to beat (Hyndman & Athanasopoulos,
 * "Forecasting: Principles and Practice", 3rd ed., section 5.2).
 */
const seasonalNaive: ForecastModel = {
  fit: () => ({ parameters: {}, forecast: repeatLastWeek }),
};

function repeatLastWeek(history: readonly number[], horizon: number): number[] {
  const lastWeek = history.slice(-WEEK);
  return Array.from({ length: horizon }, (_, step) => Number(lastWeek[step % WEEK]));
}

/** The mean of the last days for every day ahead, of as many days as would have been best. */
const tunedMovingAverage: ForecastModel = {
  fit(history) {
    const window = bestWindow(history);
    return {
      parameters: { window },
      forecast: (known, horizon) => new Array<number>(horizon).fill(lastMean(known, window)),
    };
  },
};

/**
 * The mean of several models' forecasts: their errors partly cancel. The plain mean is hard to beat by weights
 * (Makridakis, Spiliotis & Assimakopoulos, "The M4 competition", International Journal of Forecasting 36(1), 2020).
 */
function combination(members: Readonly<Record<string, ForecastModel>>): ForecastModel {
  return {
    fit: (history) =>
      combined(
        Object.fromEntries(Object.entries(members).map(([name, model]) => [name, model.fit(history)])),
      ),
  };
}

/** The combination of estimated models. */
function combined(members: Readonly<Record<string, FittedModel>>): FittedModel {
  const fitted = Object.entries(members);
  return {
    parameters: Object.fromEntries(fitted.map(([name, { parameters }]) => [name, parameters])),
    forecast: (known, horizon) => meanPath(fitted.map(([, model]) => model.forecast(known, horizon))),
  };
}

/** The mean of paths of equal length, step by step. */
export function meanPath(paths: readonly (readonly number[])[]): number[] {
  const [first = []] = paths;
  return first.map((_, step) => paths.reduce((sum, path) => sum + Number(path[step]), 0) / paths.length);
}

/** The models whose mean is the combination. */
export const COMBINED = ['theta', 'holt_winters'] as const satisfies readonly ModelName[];

export const MODELS: Readonly<Record<ModelName, ForecastModel>> = {
  seasonal_naive: seasonalNaive,
  moving_average: tunedMovingAverage,
  tsb,
  theta,
  holt_winters: holtWinters,
  combination: combination({ theta, holt_winters: holtWinters }),
  regression,
};

/** The model that all others are compared with. */
export const BASELINE: ModelName = 'seasonal_naive';

/**
 * Estimates a model on a history. The search starts where the last one on most of that history ended, if its result is given.
 *
 * @param last the model as it was estimated on most of the history; of a combination its members
 */
export function fitModel(
  name: ModelName,
  last: (name: ModelName) => FittedModel | undefined,
  history: readonly number[],
  offers?: Offers,
): FittedModel {
  if (name === 'combination') {
    return combined(Object.fromEntries(COMBINED.map((member) => [member, fitModel(member, last, history)])));
  }
  return last(name)?.refit?.(history) ?? MODELS[name].fit(history, offers);
}
