/**
 * The Theta method on the series without its weekly season.
 *
 * Assimakopoulos & Nikolopoulos, "The theta model: a decomposition approach to forecasting" (International Journal of
 * Forecasting 16(4), 2000), in the form of Hyndman & Billah, "Unmasking the Theta method" (ibid. 19(2), 2003): simple
 * exponential smoothing with half the slope of the linear trend as drift:
 *
 *     ŷ(n + h) = ℓ(n) + b/2 · (h − 1 + (1 − (1 − α)ⁿ)/α)
 *
 * α minimises the errors of a whole week ahead (see holt-winters.ts).
 */

import { patternSearch, REFIT_STEP, sumOfSquares, totalError, weekAheadErrors } from './estimation.ts';
import type { FittedModel, ForecastModel } from './forecast-model.ts';
import { errorLimit, outlierBounds } from './outliers.ts';
import { type WeeklySeason, weeklySeason } from './weekly-season.ts';

/** Of the smoothing parameter. */
const LEAST_ALPHA = 0.01;
const START = [0.2];

export const theta: ForecastModel = { fit: (history) => fitFrom(history, START) };

function fitFrom(history: readonly number[], start: readonly number[], firstStep?: number): FittedModel {
  const season = weeklySeason(history);
  const point = alphaPoint(season.remove(history), start, firstStep);
  const alpha = alphaAt(point);
  return {
    parameters: { alpha },
    forecast: (known, horizon) => project(known, season, alpha, horizon),
    refit: (longer) => fitFrom(longer, point, REFIT_STEP),
  };
}

/** The point of the search's unit cube where alpha is best. */
function alphaPoint(series: Float64Array, start: readonly number[], firstStep?: number): number[] {
  const errorOf = weekAheadErrors(series);
  const levels = new Float64Array(series.length);
  const objective = (point: readonly number[]): number => {
    smooth(series, alphaAt(point), levels);
    return totalError(errorOf, levels);
  };
  return patternSearch(objective, start, sumOfSquares(series), firstStep);
}

function project(history: readonly number[], season: WeeklySeason, alpha: number, horizon: number): number[] {
  const series = season.remove(history);
  const level = smooth(series, alpha);
  const drift = linearSlope(series) / 2;
  const lag = (1 - (1 - alpha) ** series.length) / alpha;
  return Array.from({ length: horizon }, (_, step) => {
    const withDrift = Math.max(level + drift * (step + lag), 0);
    return Math.max(season.restore(withDrift, history.length + step), 0);
  });
}

function alphaAt([point = 0]: readonly number[]): number {
  return LEAST_ALPHA + (1 - LEAST_ALPHA) * point;
}

/** Simple exponential smoothing from the first value; fills `before` with the level before each day. Returns the last. */
function smooth(series: Float64Array, alpha: number, before?: Float64Array): number {
  const limit = errorLimit(series);
  let level = Number(series[0]);
  for (let origin = 0; origin < series.length; origin++) {
    if (before !== undefined) before[origin] = level;
    level += alpha * limit(Number(series[origin]) - level);
  }
  return level;
}

/** Slope per day of the least-squares line, with outliers clipped. */
function linearSlope(series: Float64Array): number {
  const { low, high } = outlierBounds(series);
  const middle = (series.length - 1) / 2;
  let covariance = 0;
  let variance = 0;
  for (let index = 0; index < series.length; index++) {
    covariance += (index - middle) * Math.min(Math.max(Number(series[index]), low), high);
    variance += (index - middle) ** 2;
  }
  return covariance / variance;
}
