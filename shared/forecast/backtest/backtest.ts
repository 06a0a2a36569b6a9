/** The backtest of all models on one series. */

import { MODEL_NAMES, type ModelName } from '../../api/forecast-models.ts';
import type { FittedModel } from '../models/forecast-model.ts';
import { COMBINED, MODELS, meanPath } from '../models/models.ts';
import { type OfferPlan, offersVary } from '../offers.ts';
import { type Accuracy, accuracy } from './accuracy.ts';
import {
  BACKTEST_HORIZON,
  backtestOrigins,
  historiesAt,
  type RolledForecasts,
  type RolledModel,
  rolledModel,
} from './rolling-origin.ts';

/**
 * Mean days between days with demand from which demand counts as intermittent: Syntetos, Boylan & Croston, "On the
 * categorization of demand patterns" (Journal of the Operational Research Society 56(5), 2005).
 */
const INTERMITTENT = 1.32;
/** Probability of preferring any other model where all are equally good. */
const SIGNIFICANCE = 0.01;
/**
 * The test's level where the regression also nearly halves the squared error. Chance hardly ever halves an error, so the test
 * can be lenient; with fewer than 30 windows a stricter one rarely admits the regression.
 */
const LARGE_GAIN_SIGNIFICANCE = 0.1;
/** A gain is large if it leaves at most this share of the squared error. */
const LARGE_GAIN = 0.55;
/** Fewest windows for a smaller gain of the regression: on half a year or less such a gain is often chance. */
const FEWEST_FOR_SMALL_GAIN = 26;
/** Fewest windows for the test. */
const FEWEST_TESTED = 6;
/** Models within this share of each other's error are equally good. */
const EQUALLY_GOOD = 1e-6;

export interface ModelBacktest {
  readonly model: ModelName;
  readonly forecasts: RolledForecasts;
  readonly accuracy: Accuracy;
  /** As it was estimated last; see `fitModel`. */
  readonly fitted?: FittedModel | undefined;
}

/** A model that `auto` can't choose, and why. */
export interface ExcludedModel {
  readonly model: ModelName;
  /** A sentence. */
  readonly reason: string;
}

export interface Backtest {
  readonly series: readonly number[];
  readonly origins: readonly number[];
  /** In the order of `MODEL_NAMES`. */
  readonly models: readonly ModelBacktest[];
  /** Models that `auto` can't choose. */
  readonly excluded?: readonly ExcludedModel[];
}

/**
 * Runs every model from every origin of the series. Two years take a few hundredths of a second.
 *
 * @param plan each origin knows of its offers what the forecast after the series' end knows
 */
export function backtest(
  series: readonly number[],
  plan?: OfferPlan,
  origins: readonly number[] = backtestOrigins(series.length),
): Backtest {
  const histories = historiesAt(series, origins);
  const rolled = new Map<ModelName, RolledForecasts>();
  const models = MODEL_NAMES.map((model) => {
    const { forecasts, fitted } =
      model === 'combination'
        ? combined(rolled)
        : rolledModel(histories, MODELS[model], planFor(model, plan));
    rolled.set(model, forecasts);
    return { model, forecasts, fitted, accuracy: accuracy(series, origins, forecasts) };
  });
  const reason = noRegression(series, plan);
  const excluded = reason === null ? [] : [{ model: 'regression' as const, reason }];
  return { series, origins, models, excluded };
}

/** Offers cost time to prepare, and the other models ignore them. */
function planFor(model: ModelName, plan: OfferPlan | undefined): OfferPlan | undefined {
  return model === 'regression' ? plan : undefined;
}

function noRegression(series: readonly number[], plan: OfferPlan | undefined): string | null {
  if (plan === undefined) return 'The data set has no prices for this series.';
  if (!offersVary(plan.past)) return 'Price and promotion never changed.';
  return isIntermittent(series) ? 'Too many days without sales: their logarithm is undefined.' : null;
}

/** Derives the combination's forecasts from those of its members, which saves half of the time. */
function combined(rolled: ReadonlyMap<ModelName, RolledForecasts>): RolledModel {
  const [first = [], ...others] = COMBINED.map((model) => rolled.get(model) ?? []);
  const forecasts = first.map((path, window) =>
    meanPath([path, ...others.map((rows) => rows[window] ?? [])]),
  );
  return { forecasts, fitted: undefined };
}

/** The backtest of one model. @throws TypeError if there is none of this name. */
export function modelBacktest(models: readonly ModelBacktest[], name: ModelName): ModelBacktest {
  const found = models.find(({ model }) => model === name);
  if (found === undefined) throw new TypeError(`No backtest of "${name}".`);
  return found;
}

/**
 * The model to forecast with: the combination, or TSB for intermittent demand, unless another is clearly better. Clearly:
 * the mean difference of their squared errors over the windows is above zero by a one-sided test, at 1 % shared among the
 * models without offers (Bonferroni). The regression passes the same bar on half a year of windows, or a
 * bar of 10 % on any number if it also nearly halves the squared error.
 * Choosing the lowest error instead gains nothing on average and picks the naive forecast after every change of level.
 *
 * The test is Diebold and Mariano's ("Comparing predictive accuracy", Journal of Business & Economic Statistics 13(3),
 * 1995) with the correction of Harvey, Leybourne & Newbold (International Journal of Forecasting 13(2), 1997) for windows
 * that overlap.
 *
 * @returns of several clearly better models the one with the lowest error, the simplest of equals
 */
export function chooseModel({ series, origins, models, excluded = [] }: Backtest): ModelName {
  const own = modelBacktest(models, defaultModel(series));
  const losses = windowLosses(series, origins, own.forecasts);
  const overlap = overlapOf(origins);
  let best = { model: own.model, loss: mean(losses) };
  const challengers = models.filter(({ model }) => model !== own.model);
  const shared = SIGNIFICANCE / challengers.filter(({ model }) => model !== 'regression').length;
  for (const { model, forecasts } of challengers) {
    if (excluded.some((one) => one.model === model)) continue;
    const challenge = windowLosses(series, origins, forecasts);
    const loss = mean(challenge);
    if (loss >= best.loss * (1 - EQUALLY_GOOD)) continue;
    const gains = losses.map((each, window) => each - Number(challenge[window]));
    const isLargeGain = model === 'regression' && loss <= LARGE_GAIN * mean(losses);
    if (model === 'regression' && !isLargeGain && gains.length < FEWEST_FOR_SMALL_GAIN) continue;
    const significance = isLargeGain ? LARGE_GAIN_SIGNIFICANCE : shared;
    if (isClearlyPositive(gains, overlap, significance)) best = { model, loss };
  }
  return best.model;
}

/**
 * The model that a forecast uses unless another is clearly better.
 *
 * @param series units per day, from the first day with a sale
 */
export function defaultModel(series: readonly number[]): ModelName {
  return isIntermittent(series) ? 'tsb' : 'combination';
}

/** Whether days with demand are so far apart that TSB is the model to start from. */
function isIntermittent(series: readonly number[]): boolean {
  const demands = series.filter((units) => units > 0).length;
  return series.length >= INTERMITTENT * demands;
}

/** Mean squared error over the known days of each window's first week. */
function windowLosses(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
): number[] {
  return origins.map((origin, window) => {
    const actuals = series.slice(origin, origin + BACKTEST_HORIZON);
    return mean(actuals.map((actual, step) => (actual - Number(forecasts[window]?.[step])) ** 2));
  });
}

/** How many of the windows after one share days with it. */
function overlapOf(origins: readonly number[]): number {
  const step = Number(origins[1]) - Number(origins[0]);
  return step > 0 ? Math.ceil(BACKTEST_HORIZON / step) - 1 : 0;
}

/** Whether the mean of a series of differences is above zero, autocorrelated up to a lag. */
function isClearlyPositive(differences: readonly number[], lags: number, significance: number): boolean {
  const count = differences.length;
  const average = mean(differences);
  if (count < FEWEST_TESTED || average <= 0) return false;
  const deviations = differences.map((difference) => difference - average);
  let variance = autocovariance(deviations, 0);
  for (let lag = 1; lag <= lags; lag++) variance += 2 * autocovariance(deviations, lag);
  // Harvey, Leybourne & Newbold, equation 9, for forecasts `lags + 1` windows ahead.
  const correction = (count - 1 - 2 * lags + (lags * (lags + 1)) / count) / count;
  if (variance < 0 || correction <= 0) return false;
  const statistic = average / Math.sqrt(variance / count);
  return statistic * Math.sqrt(correction) > studentQuantile(significance, count - 1);
}

function autocovariance(deviations: readonly number[], lag: number): number {
  let sum = 0;
  for (let i = lag; i < deviations.length; i++) sum += Number(deviations[i]) * Number(deviations[i - lag]);
  return sum / deviations.length;
}

/**
 * The value that Student's t exceeds with a small probability: Abramowitz & Stegun, "Handbook of Mathematical Functions",
 * 26.2.23 for the normal (error below 0.00045) and the first terms of 26.7.5.
 */
function studentQuantile(probability: number, degreesOfFreedom: number): number {
  const t = Math.sqrt(-2 * Math.log(probability));
  const z =
    t - (2.515517 + t * (0.802853 + t * 0.010328)) / (1 + t * (1.432788 + t * (0.189269 + t * 0.001308)));
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return z + first / degreesOfFreedom + second / degreesOfFreedom ** 2 + third / degreesOfFreedom ** 3;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
