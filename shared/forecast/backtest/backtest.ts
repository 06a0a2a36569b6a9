/** The backtest of all models on one series. */

import { BASELINE, COMBINED, MODEL_NAMES, MODELS, type ModelName, meanPath } from '../models/models.ts';
import { type Accuracy, accuracy } from './accuracy.ts';
import { backtestOrigins, type RolledForecasts, rollForward } from './rolling-origin.ts';

/** Models within this share of each other's error are equally good. */
const EQUALLY_GOOD = 1e-6;

export interface ModelBacktest {
  readonly model: ModelName;
  readonly forecasts: RolledForecasts;
  readonly accuracy: Accuracy;
}

export interface Backtest {
  readonly series: readonly number[];
  readonly origins: readonly number[];
  /** In the order of `MODEL_NAMES`. */
  readonly models: readonly ModelBacktest[];
}

/** Runs every model from every origin of the series. Two years take a few hundredths of a second. */
export function backtest(series: readonly number[]): Backtest {
  const origins = backtestOrigins(series.length);
  const rolled = new Map<ModelName, RolledForecasts>();
  const models = MODEL_NAMES.map((model) => {
    const forecasts =
      model === 'combination' ? combined(rolled) : rollForward(series, MODELS[model], origins);
    rolled.set(model, forecasts);
    return { model, forecasts, accuracy: accuracy(series, origins, forecasts) };
  });
  return { series, origins, models };
}

/** Derives the combination's forecasts from those of its members, which saves half of the time. */
function combined(rolled: ReadonlyMap<ModelName, RolledForecasts>): RolledForecasts {
  const [first = [], ...others] = COMBINED.map((model) => rolled.get(model) ?? []);
  return first.map((path, window) => meanPath([path, ...others.map((rows) => rows[window] ?? [])]));
}

/** The backtest of one model. */
export function modelBacktest(models: readonly ModelBacktest[], name: ModelName): ModelBacktest {
  const found = models.find(({ model }) => model === name);
  if (found === undefined) throw new TypeError(`No backtest of "${name}".`);
  return found;
}

/**
 * The model with the lowest RMSSE, the simplest of equals. RMSE and RMSSE order the models of one series alike, and
 * RMSE has a value also where the series never moved before the first origin.
 */
export function bestModel(
  models: readonly { readonly model: ModelName; readonly accuracy: Accuracy }[],
): ModelName {
  let best = BASELINE;
  let lowest = Number.POSITIVE_INFINITY;
  for (const { model, accuracy } of models) {
    if (accuracy.rmse === null || accuracy.rmse >= lowest * (1 - EQUALLY_GOOD)) continue;
    best = model;
    lowest = accuracy.rmse;
  }
  return best;
}
