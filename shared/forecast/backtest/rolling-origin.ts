/**
 * Rolling-origin evaluation: forecasts from many days of the past, each made without what came after (Tashman,
 * "Out-of-sample tests of forecasting accuracy", International Journal of Forecasting 16(4), 2000).
 */

import { MAX_HORIZON } from '../../api/forecast-models.ts';
import { type FittedModel, type ForecastModel, MIN_TRAINING_DAYS, WEEK } from '../models/forecast-model.ts';
import { type OfferPlan, offersAt } from '../offers.ts';

/** Steps ahead on which accuracy is measured. */
export const BACKTEST_HORIZON = WEEK;
/** A year: every season counts once. */
const MOST_WINDOWS = 52;
const FEWEST_WINDOWS = 12;
const GOOD_TRAINING_DAYS = 4 * WEEK;
/** Parameters are re-estimated when the history has grown by this factor. */
const REFIT_GROWTH = 1.25;

/** Forecasts of one model: row w belongs to origin w, entry h − 1 to the h-th day after it. */
export type RolledForecasts = readonly (readonly number[])[];

/**
 * The backtest's origins, ascending: an origin o forecasts from the first o days. A week apart, so that a step always
 * falls on the same weekday as it will for the real forecast; up to 52, with a whole week known after the last. The
 * origins of a short series are closer together, at least 12; the shortest series has an origin on every day it can.
 */
export function backtestOrigins(days: number): number[] {
  const latest = days - BACKTEST_HORIZON;
  const room = latest - GOOD_TRAINING_DAYS;
  if (room < FEWEST_WINDOWS - 1) return range(MIN_TRAINING_DAYS, days - 1);
  const step = Math.min(Math.floor(room / (FEWEST_WINDOWS - 1)), WEEK);
  const windows = Math.min(Math.floor(room / step) + 1, MOST_WINDOWS);
  return Array.from({ length: windows }, (_, index) => latest - (windows - 1 - index) * step);
}

function range(first: number, last: number): number[] {
  return Array.from({ length: Math.max(last - first + 1, 0) }, (_, index) => first + index);
}

/**
 * Forecasts {@link MAX_HORIZON} days from every origin, with parameters estimated on days before that origin.
 *
 * @param plan each origin knows of its offers what the forecast after the series' end knows
 */
export function rollForward(
  series: readonly number[],
  model: ForecastModel,
  origins: readonly number[],
  plan?: OfferPlan,
): RolledForecasts {
  return rolledModel(historiesAt(series, origins), model, plan).forecasts;
}

/** What was known at each origin. */
export function historiesAt(series: readonly number[], origins: readonly number[]): (readonly number[])[] {
  return origins.map((origin) => series.slice(0, origin));
}

/** The forecasts from every origin, and the model as it was estimated last; undefined without an origin. */
export interface RolledModel {
  readonly forecasts: RolledForecasts;
  readonly fitted: FittedModel | undefined;
}

/**
 * The same as {@link rollForward}, with the model: the next search may start where its last one ended.
 *
 * @param histories of the origins, which several models share
 */
export function rolledModel(
  histories: readonly (readonly number[])[],
  model: ForecastModel,
  plan?: OfferPlan,
): RolledModel {
  let fitted: FittedModel | undefined;
  let fittedOn = 0;
  const forecasts = histories.map((history) => {
    const origin = history.length;
    const offers = plan && offersAt(plan, origin);
    if (fitted === undefined || origin >= fittedOn * REFIT_GROWTH) {
      fitted = fitted?.refit?.(history) ?? model.fit(history, offers);
      fittedOn = origin;
    }
    return fitted.forecast(history, MAX_HORIZON, offers);
  });
  return { forecasts, fitted };
}
