/**
 * Prediction intervals that follow a changing series: conformal prediction from the signed errors of the backtest, on
 * the scale that the series had when each forecast was made, recent errors counting more.
 *
 * - Split conformal prediction needs no assumption on the distribution of errors: Lei, G'Sell, Rinaldo, Tibshirani &
 *   Wasserman, "Distribution-free predictive inference for regression" (JASA 113(523), 2018). Each tail is a quantile of
 *   its own, so `upper` is a service level: Romano, Patterson & Candès, "Conformalized quantile regression" (NeurIPS 2019).
 * - Dividing errors by a local scale: Papadopoulos, Gammerman & Vovk, "Normalized nonconformity measures for regression
 *   conformal prediction" (2008).
 * - Weights that decay with age keep the coverage when the distribution drifts: Barber, Candès, Ramdas & Tibshirani,
 *   "Conformal prediction beyond exchangeability" (Annals of Statistics 51(2), 2023).
 */

import { MAX_HORIZON } from '../../api/forecast-models.ts';
import { WEEK } from '../models/forecast-model.ts';
import { BACKTEST_HORIZON, type RolledForecasts } from './rolling-origin.ts';

/** Days after which a change of the series' variation has half its effect on the scale. */
const SCALE_HALF_LIFE = 21;
/** A single change counts at most this many times the usual one. */
const MOST_CHANGE = 4;
/** Least scale, relative to the whole past's. */
const LEAST_SCALE = 0.05;
/** Windows (weeks, on a long series) after which an error counts half. */
const ERROR_HALF_LIFE = 52;
/**
 * Weight of the forecast to come among the past errors, in windows. A whole window would be right if the days of one always
 * erred together, and makes intervals too wide; a single error if they never did.
 */
const OWN_WINDOWS = 0.5;
/** Weight of the mean over all steps in a step's own scale, in errors. */
const POOLED_ERRORS = 4;
/** Fewest windows with known errors before a window for its intervals to be checked. */
const FEWEST_WINDOWS = 4;
/** Windows whose intervals are checked: half a year of a long series. */
export const CHECKED_WINDOWS = 26;
/** Checked windows after which a result counts half in the coverage. */
const COVERAGE_HALF_LIFE = 8;
/** Windows at the nominal level added to those checked: few windows say little about the next ones. */
const PRIOR_WINDOWS = 2;
/** Rounding of `1 - level`: (1 − 0.9)/2 is a little less than 0.05 in binary. */
const ROUNDING = 1e-9;

/** Distances of an interval's ends from the forecast, in units, at each step; entry h − 1 belongs to step h. */
export interface Margins {
  /** At most 0. */
  readonly below: readonly number[];
  /** At least 0. */
  readonly above: readonly number[];
}

/** Errors as multiples of the scale at their origins, row by row one window; NaN where the day is not known. */
interface ScaledErrors {
  readonly values: Float64Array;
  readonly origins: readonly number[];
}

/** The past errors as one distribution: each step's own scale, and weights by age. */
interface ErrorPool {
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
 * Returns the margins of intervals for steps 1 … {@link MAX_HORIZON} after the end of a series, by level. They grow with
 * the level. With too few errors for a level, the largest one is used.
 *
 * @param forecasts of one model from each origin
 */
export function conformalMargins(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
): (level: number) => Margins {
  const scales = localScales(series, origins);
  const pool = errorPool(scaledErrors(series, origins, forecasts, scales), origins.length, series.length);
  const ascending = Array.from(pool.errors, (error, index) => ({
    error,
    weight: Number(pool.weights[index]),
  }));
  ascending.sort((a, b) => a.error - b.error);
  const descending = ascending.toReversed();
  const scale = Number(scales[series.length]);
  return (level) => {
    const tail = tailOf(level);
    const below = Math.min(tailQuantile(pool, ascending, tail), 0) * scale;
    const above = Math.max(tailQuantile(pool, descending, tail), 0) * scale;
    const steps = Array.from(pool.stepScales);
    return { below: steps.map((step) => below * step), above: steps.map((step) => above * step) };
  };
}

/**
 * For each window and each of the first seven steps the tail in which the actual value lay: the share of past errors, of
 * windows that had ended by the origin, that were at least as far out on its side. An interval of a level holds the value
 * if the tail is at least (1 − level)/2. Null where that is not known: early windows, and days after the series' end.
 */
export type Tails = readonly (readonly (number | null)[])[];

/**
 * Checks intervals out of sample: each is made from the windows that had ended by its origin.
 *
 * @param checked how many windows to check, the last ones
 * @param scales of the series, if several models are checked
 */
export function intervalTails(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
  checked = CHECKED_WINDOWS,
  scales = localScales(series, origins),
): Tails {
  const errors = scaledErrors(series, origins, forecasts, scales);
  return origins.map((origin, window) => {
    const known = origins.findIndex((other) => other >= origin);
    if (window < origins.length - checked || known < FEWEST_WINDOWS) return unknownWindow();
    const pool = errorPool(errors, window, origin);
    return Array.from({ length: BACKTEST_HORIZON }, (_, step) => {
      const error = Number(errors.values[window * MAX_HORIZON + step]);
      return Number.isNaN(error) ? null : tailAt(pool, error * Number(pool.factors[step]));
    });
  });
}

function unknownWindow(): null[] {
  return new Array<null>(BACKTEST_HORIZON).fill(null);
}

/** Whether an interval of a level (0 … 1) held a value, by its tail. */
export function holds(tail: number, level: number): boolean {
  return tail >= tailOf(level);
}

/**
 * An estimate of how often intervals will hold in the next weeks: the share of checked values that they held, recent
 * windows counting more, drawn a little towards the level because few windows say little.
 *
 * @param level 0 … 1
 * @returns 0 … 1; null if nothing was checked
 */
export function coverage(tails: Tails, level: number): number | null {
  let [held, checked] = [0, 0];
  tails.forEach((window, index) => {
    const known = window.filter((tail) => tail !== null);
    if (known.length === 0) return;
    const weight = 0.5 ** ((tails.length - index) / COVERAGE_HALF_LIFE);
    checked += weight;
    held += (weight * known.filter((tail) => holds(tail, level)).length) / known.length;
  });
  return checked === 0 ? null : (held + PRIOR_WINDOWS * level) / (checked + PRIOR_WINDOWS);
}

function tailOf(level: number): number {
  return (1 - level) / 2 - ROUNDING;
}

/**
 * The variation of a series before each day and after the last: a smoothed mean of changes since a week ago, in units.
 * 1 everywhere if nothing had changed before the first origin, so that errors stay as they are.
 *
 * @param series units per day
 * @param origins days of the series, ascending; the first tells whether the variation was known
 * @returns one entry more than the series has days; 0 on days before the second week
 */
export function localScales(series: readonly number[], origins: readonly number[]): Float64Array {
  const scales = new Float64Array(series.length + 1);
  const rate = 1 - 0.5 ** (1 / SCALE_HALF_LIFE);
  let [recent, sum] = [0, 0];
  for (let day = WEEK; day < series.length; day++) {
    const change = Math.abs(Number(series[day]) - Number(series[day - WEEK]));
    const count = day - WEEK + 1;
    sum += change;
    const usual = sum / count;
    if (count <= 2 * WEEK) recent = usual;
    else recent += rate * (Math.min(change, MOST_CHANGE * recent) - recent);
    recent = Math.max(recent, LEAST_SCALE * usual);
    scales[day + 1] = recent;
  }
  return Number(scales[origins[0] ?? series.length]) > 0 ? scales : scales.fill(1);
}

function scaledErrors(
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
function errorPool(scaled: ScaledErrors, windows: number, today: number): ErrorPool {
  const { stepScales, count, total, usedWindows } = stepScalesOf(scaled, windows, today);
  const factors = stepScales.map((scale) => (scale > 0 ? 1 / scale : 1));
  const errors = new Float64Array(count);
  const weights = new Float64Array(count);
  let used = 0;
  for (let window = 0; window < windows; window++) {
    const weight = weightAt(window, windows);
    const steps = knownSteps(scaled, window, today);
    for (let step = 0; step < steps; step++, used++) {
      errors[used] = Number(scaled.values[window * MAX_HORIZON + step]) * Number(factors[step]);
      weights[used] = weight;
    }
  }
  const own = usedWindows > 0 ? (OWN_WINDOWS * total) / usedWindows : 0;
  return { stepScales, factors, errors, weights, total: total + own, own };
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

function weightAt(window: number, windows: number): number {
  return 0.5 ** ((windows - window) / ERROR_HALF_LIFE);
}

/** The error at which the weight from the near end of a sorted pool, with half of the forecast's own, reaches a tail. */
function tailQuantile(
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

/** The weight of errors at least as far out as one on its side, as a share; 0 beyond all of them, 1 for no error. */
function tailAt({ errors, weights, total, own }: ErrorPool, error: number): number {
  if (error === 0) return 1;
  const side = Math.sign(error);
  const size = Math.abs(error);
  let beyond = 0;
  for (let index = 0; index < errors.length; index++) {
    if (side * Number(errors[index]) >= size) beyond += Number(weights[index]);
  }
  return beyond === 0 ? 0 : (beyond + own / 2) / total;
}
