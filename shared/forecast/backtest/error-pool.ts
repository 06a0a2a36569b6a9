/** The errors of past forecasts as one distribution, and its tails. */

import { MAX_HORIZON } from '../../api/forecast-models.ts';
import type { RolledForecasts } from './rolling-origin.ts';

/** Windows (weeks, on a long series) after which an error counts half. */
const ERROR_HALF_LIFE = 52;
/**
 * Least weight of the forecast to come among the past errors, in windows. Must be more than a single
 * error: the days of a window err together, and the future is never quite like the past.
 */
const LEAST_OWN_WINDOWS = 0.3;
/** Weight of the mean over all steps in a step's own scale, in errors. */
const POOLED_ERRORS = 4;

/** Errors as multiples of the scale at their origins, row by row one window; NaN where the day is not known. */
export interface ScaledErrors {
  readonly values: Float64Array;
  readonly origins: readonly number[];
}

/** The past errors as one distribution: each step's own scale, and weights by age. */
export interface ErrorPool {
  /** Mean size of scaled errors by step. */
  readonly stepScales: Float64Array;
  /** Factors that make an error relative to its step's scale: its inverse, or 1 where the scale is 0. */
  readonly factors: Float64Array;
  /** Errors relative to their step's scale, in no order; parallel to `weights`. */
  readonly errors: Float64Array;
  readonly weights: Float64Array;
  /** Weight of all errors and of the forecast to come. */
  readonly total: number;
  /** Weight of the forecast to come, half of which is in either tail. */
  readonly own: number;
}

/**
 * Computes the errors of rolled forecasts, each divided by its window's scale.
 *
 * @param origins Days known to each window; its first forecast is for the day at this index.
 * @param scales The scale of errors by origin, in units.
 * @returns Actual less forecast, by window and step; NaN beyond the end of the series.
 */
export function scaledErrors(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
  scales: Float64Array,
): ScaledErrors {
  const values = new Float64Array(origins.length * MAX_HORIZON).fill(Number.NaN);
  origins.forEach((origin, window) => {
    const steps = Math.min(MAX_HORIZON, series.length - origin);
    for (let step = 0; step < steps; step++) {
      const error = Number(series[origin + step]) - Number(forecasts[window]?.[step]);
      values[window * MAX_HORIZON + step] = error / Number(scales[origin]);
    }
  });
  return { values, origins };
}

/**
 * Pools the errors known at a day of the windows before one.
 *
 * @param windows how many windows to pool, the first ones
 * @param today only days before it are known
 */
export function errorPool(scaled: ScaledErrors, windows: number, today: number): ErrorPool {
  const { stepScales, count, total, usedWindows } = stepScalesOf(scaled, windows, today);
  const factors = stepScales.map((scale) => (scale > 0 ? 1 / scale : 1));
  const errors = new Float64Array(count);
  const weights = new Float64Array(count);
  const sums = { errors: 0, squares: 0, between: 0, windows: 0, total };
  let used = 0;
  for (let window = 0; window < windows; window++) {
    const weight = weightAt(window, windows);
    const steps = knownSteps(scaled, window, today);
    if (steps === 0) continue;
    let [sum, squares] = [0, 0];
    for (let step = 0; step < steps; step++, used++) {
      const error = Number(scaled.values[window * MAX_HORIZON + step]) * Number(factors[step]);
      errors[used] = error;
      weights[used] = weight;
      sum += error;
      squares += error * error;
    }
    sums.errors += weight * sum;
    sums.squares += weight * squares;
    sums.between += (weight * sum * sum) / steps;
    sums.windows += weight;
  }
  const ownWindows = LEAST_OWN_WINDOWS + intraclassCorrelation(sums);
  const own = usedWindows > 0 ? (ownWindows * total) / usedWindows : 0;
  return { stepScales, factors, errors, weights, total: total + own, own };
}

/** Weighted sums over all errors, and over the windows they belong to. */
interface WindowSums {
  readonly errors: number;
  readonly squares: number;
  /** Squared sum of each window by its number of errors. */
  readonly between: number;
  /** Weight of the windows, and of all their errors. */
  readonly windows: number;
  readonly total: number;
}

/**
 * How much the errors of a window resemble each other: 0 if they are independent, 1 if they are all the same, as after a change
 * of level in a quiet series. It decides how many independent errors the past has (Kish, "Survey Sampling", 1965, section
 * 5.4), so how far beyond them the next forecast may err. Estimated by analysis of variance (Fisher, 1925).
 */
function intraclassCorrelation({ errors, squares, between, windows, total }: WindowSums): number {
  const mean = errors / total;
  const variance = squares / total - mean ** 2;
  const byChance = windows / total;
  if (!(variance > 0 && byChance < 1)) return 0;
  const share = (between / total - mean ** 2) / variance;
  return Math.min(Math.max((share - byChance) / (1 - byChance), 0), 1);
}

/** The weighted mean size of errors by step, drawn towards that of all steps; and what it was made from. */
function stepScalesOf({ values, origins }: ScaledErrors, windows: number, today: number) {
  const sums = new Float64Array(MAX_HORIZON);
  const counts = new Float64Array(MAX_HORIZON);
  let [count, usedWindows] = [0, 0];
  for (let window = 0; window < windows; window++) {
    const weight = weightAt(window, windows);
    const steps = knownSteps({ values, origins }, window, today);
    for (let step = 0; step < steps; step++) {
      sums[step] = Number(sums[step]) + weight * Math.abs(Number(values[window * MAX_HORIZON + step]));
      counts[step] = Number(counts[step]) + weight;
    }
    count += steps;
    usedWindows += steps > 0 ? 1 : 0;
  }
  const total = counts.reduce((sum, value) => sum + value, 0);
  const mean = total > 0 ? sums.reduce((sum, value) => sum + value, 0) / total : 0;
  const stepScales = sums.map(
    (own, step) => (own + POOLED_ERRORS * mean) / (Number(counts[step]) + POOLED_ERRORS),
  );
  return { stepScales, count, total, usedWindows };
}

function knownSteps({ origins }: ScaledErrors, window: number, today: number): number {
  return Math.max(Math.min(MAX_HORIZON, today - Number(origins[window])), 0);
}

/** By age in windows; a backtest of all models asks for the same few ages ten thousand times. */
const weightsByAge: number[] = [];

function weightAt(window: number, windows: number): number {
  const age = windows - window;
  for (let next = weightsByAge.length; next <= age; next++)
    weightsByAge.push(0.5 ** (next / ERROR_HALF_LIFE));
  return Number(weightsByAge[age]);
}

/** The error at which the weight from the near end of a sorted pool, with half of the forecast's own, reaches a tail. */
export function tailQuantile(
  { total, own }: ErrorPool,
  sorted: readonly { readonly error: number; readonly weight: number }[],
  tail: number,
): number {
  const wanted = tail * total;
  let reached = own / 2;
  for (const { error, weight } of sorted) {
    reached += weight;
    if (reached >= wanted) return error;
  }
  return 0;
}

/**
 * The weight of errors at least as far out as one on its side, as a share; 0 beyond all of them, 1 for no error.
 *
 * @param enough any share from here on will do, so that not all errors need be looked at
 */
export function tailAt({ errors, weights, total, own }: ErrorPool, error: number, enough = 1): number {
  if (error === 0) return 1;
  const most = Math.max(enough * total - own / 2, 0);
  let beyond = 0;
  if (error > 0) {
    for (let index = 0; index < errors.length && beyond <= most; index++) {
      if (Number(errors[index]) >= error) beyond += Number(weights[index]);
    }
  } else {
    for (let index = 0; index < errors.length && beyond <= most; index++) {
      if (Number(errors[index]) <= error) beyond += Number(weights[index]);
    }
  }
  return beyond === 0 ? 0 : (beyond + own / 2) / total;
}
