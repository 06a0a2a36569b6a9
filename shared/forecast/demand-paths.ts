/**
 * Demand of the next days as one joint distribution: the forecast plus the errors that the model made from each of many days
 * of the past, every error path on the scale of today (the paths of a bootstrap: Thombs & Schucany, "Bootstrap prediction
 * intervals for autoregression", JASA 85(410), 1990). A sum over days has the errors of sums: adding the days' quantiles
 * would assume that every day is a bad one.
 */

import type { ModelName } from '../api/forecast-models.ts';
import { backtest, chooseModel, modelBacktest } from './backtest/backtest.ts';
import { localScales } from './backtest/intervals.ts';
import type { RolledForecasts } from './backtest/rolling-origin.ts';
import { forecastBy } from './demand-forecast.ts';
import { MIN_TRAINING_DAYS } from './models/forecast-model.ts';
import { type OfferPlan, offersSince } from './offers.ts';

/** Fewest paths that a distribution is made of. */
const FEWEST_PATHS = 4;
/** Origins (weeks, on a long series) after which a path counts half. */
const HALF_LIFE = 26;

/** One way in which the next days may go, and its weight. */
export interface DemandPath {
  readonly units: readonly number[];
  readonly weight: number;
}

export interface DemandPaths {
  readonly model: ModelName;
  /** Days of history that the model learnt from. */
  readonly days: number;
  readonly paths: readonly DemandPath[];
}

/**
 * Days of history that paths need.
 *
 * @param horizon days ahead, 1 to `MAX_HORIZON`
 */
export function daysForPaths(horizon: number): number {
  return MIN_TRAINING_DAYS + FEWEST_PATHS - 1 + Math.max(horizon, 7);
}

/**
 * The paths of the days after a series, by the model that `auto` chooses for a forecast of the same series.
 *
 * @param series units per day without gaps, oldest first: {@link daysForPaths} of them or more
 * @param horizon days ahead, 1 to `MAX_HORIZON`
 * @param plan the offers of the series' days and of the days ahead, where those left out stay as on the last day; without
 *   it, the data set has no prices
 */
export function demandPaths(series: readonly number[], horizon: number, plan?: OfferPlan): DemandPaths {
  const selling = sellingDays(series, daysForPaths(horizon));
  const offers = plan && offersSince(plan, series.length - selling.length);
  const past = { ...backtest(selling, offers), plan: offers };
  const model = chooseModel(past);
  const { path } = forecastBy(past, model, horizon);
  const { forecasts } = modelBacktest(past.models, model);
  return { model, days: selling.length, paths: errorPaths(selling, past.origins, forecasts, path) };
}

/** The series from the first day with a sale, or its last days if those would be too few. */
function sellingDays(series: readonly number[], fewest: number): readonly number[] {
  const first = series.findIndex((units) => units > 0);
  return first > 0 ? series.slice(Math.min(first, Math.max(series.length - fewest, 0))) : series;
}

/**
 * A forecast plus the errors of earlier ones.
 *
 * @param series units per day, oldest first
 * @param origins days of the series, ascending; `forecasts` has a row of units per day for each
 * @param path the forecast of the days after the series, in units per day
 * @returns a path for each origin that all days of the path are known after, as long as `path`
 */
export function errorPaths(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
  path: readonly number[],
): DemandPath[] {
  const scales = localScales(series, origins);
  const scale = Number(scales[series.length]);
  return origins.flatMap((origin, window) => {
    if (origin + path.length > series.length) return [];
    const stretch = scale / Number(scales[origin]);
    const units = path.map((forecast, step) => {
      const error = Number(series[origin + step]) - Number(forecasts[window]?.[step]);
      return Math.max(forecast + error * stretch, 0);
    });
    return [{ units, weight: 0.5 ** ((origins.length - window) / HALF_LIFE) }];
  });
}
