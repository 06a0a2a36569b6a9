import { MAX_HORIZON } from '../../api/forecast-models.ts';
import { WEEK } from '../models/forecast-model.ts';
import { errorPool, scaledErrors, tailAt, tailQuantile } from './error-pool.ts';
import { BACKTEST_HORIZON, type RolledForecasts } from './rolling-origin.ts';
import { gridOf, type ValueGrid, wasNearest } from './value-grid.ts';

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

/** What the errors of a series are measured by. */
export interface Yardstick {
  /** See {@link localScales}. */
  readonly scales: Float64Array;
  readonly grid: ValueGrid;
}

/** @param origins days of the series, ascending */
export function yardstickOf(series: readonly number[], origins: readonly number[]): Yardstick {
  return { scales: localScales(series, origins), grid: gridOf(series) };
}

/**
 * For each window and each of the first seven steps the tail in which the actual value lay: the share of past errors, of
 * windows that had ended by the origin, that were at least as far out on its side. An interval of a level holds the value if
 * the tail is at least (1 − level)/2. The tail is 1 where the actual value is the possible one nearest to the forecast,
 * because every interval holds that value. Null where the tail is not known: early windows, and days after the series' end.
 */
export type Tails = readonly (readonly (number | null)[])[];

/**
 * Checks intervals out of sample: each is made from the windows that had ended by its origin.
 *
 * @param checked how many windows to check, the last ones
 * @param yardstick of the series, if several models are checked
 * @param levels (0 … 1) that the tails are asked for; without them, every tail is exact
 */
export function intervalTails(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
  checked = CHECKED_WINDOWS,
  { scales, grid }: Yardstick = yardstickOf(series, origins),
  levels: readonly number[] = [],
): Tails {
  const enough = levels.length === 0 ? 1 : Math.max(...levels.map(tailOf));
  const errors = scaledErrors(series, origins, forecasts, scales);
  return origins.map((origin, window) => {
    if (window < Math.max(origins.length - checked, FEWEST_WINDOWS)) return unknownWindow();
    const pool = errorPool(errors, window, origin);
    return Array.from({ length: BACKTEST_HORIZON }, (_, step) => {
      const error = Number(errors.values[window * MAX_HORIZON + step]);
      if (Number.isNaN(error)) return null;
      if (wasNearest(grid, Number(forecasts[window]?.[step]), Number(series[origin + step]))) return 1;
      return tailAt(pool, error * Number(pool.factors[step]), enough);
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

/** The variation of a series day by day: what its errors are measured in. */

/** Days after which a change of the series' variation has half its effect on the scale. */
const SCALE_HALF_LIFE = 15;
/** A single change counts at most this many times the usual one: changes come in groups, so that the first large one is news. */
const MOST_CHANGE = 8;
/** Least scale, relative to the whole past's: what hasn't changed for weeks still can. */
const LEAST_SCALE = 0.25;

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
