/** Measures of forecast accuracy over the windows of a backtest. Each is null where it has no value. */

import { WEEK } from '../models/forecast-model.ts';
import { BACKTEST_HORIZON, type RolledForecasts } from './rolling-origin.ts';

export interface Accuracy {
  /** Root mean squared error, in units. */
  readonly rmse: number | null;
  /**
   * Root mean squared scaled error: the squared errors relative to those of "as yesterday" on the days before the first
   * origin (Makridakis, Spiliotis & Assimakopoulos, "The M5 competition", 2022).
   */
  readonly rmsse: number | null;
  /**
   * Mean absolute scaled error: relative to those of "as a week ago" on the days before the first origin (Hyndman &
   * Koehler, "Another look at measures of forecast accuracy", 2006).
   */
  readonly mase: number | null;
  /** Symmetric mean absolute percentage error, 0 to 200; a zero forecast of a zero counts 0. */
  readonly smape: number | null;
  /** Mean of forecast − actual, in units: above zero is too much. */
  readonly bias: number | null;
}

interface Scales {
  readonly squared: number;
  readonly absolute: number;
}

/**
 * Accuracy of one model's forecasts for the seven days after each origin, as far as they are known.
 *
 * @param series units per day, oldest first
 * @param origins days of the series, ascending
 * @param forecasts units per day; a row for each origin
 */
export function accuracy(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
): Accuracy {
  const sums = { count: 0, squared: 0, absolute: 0, percentage: 0, error: 0 };
  forEachKnown(series, origins, forecasts, (actual, forecast) => {
    const error = forecast - actual;
    const size = actual + forecast;
    sums.count += 1;
    sums.error += error;
    sums.squared += error * error;
    sums.absolute += Math.abs(error);
    sums.percentage += size > 0 ? (200 * Math.abs(error)) / size : 0;
  });
  if (sums.count === 0) return { rmse: null, rmsse: null, mase: null, smape: null, bias: null };
  const scales = trainingScales(series.slice(0, origins[0]));
  const squared = scaled(sums.squared / sums.count, scales.squared);
  return {
    rmse: Math.sqrt(sums.squared / sums.count),
    rmsse: squared === null ? null : Math.sqrt(squared),
    mase: scaled(sums.absolute / sums.count, scales.absolute),
    smape: sums.percentage / sums.count,
    bias: sums.error / sums.count,
  };
}

/** Calls `visit` for every forecast of the first seven days after an origin whose day is known. */
function forEachKnown(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
  visit: (actual: number, forecast: number) => void,
): void {
  origins.forEach((origin, window) => {
    const actuals = series.slice(origin, origin + BACKTEST_HORIZON);
    actuals.forEach((actual, step) => {
      visit(actual, Number(forecasts[window]?.[step]));
    });
  });
}

function trainingScales(training: readonly number[]): Scales {
  return {
    squared: meanDifference(training, 1, (difference) => difference * difference),
    absolute: meanDifference(training, WEEK, Math.abs),
  };
}

function meanDifference(
  series: readonly number[],
  lag: number,
  size: (difference: number) => number,
): number {
  let sum = 0;
  for (let i = lag; i < series.length; i++) sum += size(Number(series[i]) - Number(series[i - lag]));
  return sum / (series.length - lag);
}

/** No error is no error on any scale; errors on a series that never moved before have no scale. */
function scaled(error: number, scale: number): number | null {
  if (error === 0) return 0;
  return scale > 0 ? error / scale : null;
}
