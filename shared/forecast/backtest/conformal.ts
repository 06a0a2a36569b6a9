/**
 * Prediction intervals from the errors of a backtest: split conformal prediction, which needs no assumption on the
 * errors' distribution (Lei, G'Sell, Rinaldo, Tibshirani & Wasserman, "Distribution-free predictive inference for
 * regression", JASA 113(523), 2018). With m past errors, at least ⌈(m + 1)·level⌉ of m + 1 lie within the radius.
 */

import { MAX_HORIZON } from '../models/forecast-model.ts';
import { BACKTEST_HORIZON, type RolledForecasts } from './rolling-origin.ts';

/** Fewest errors for a finite 95 % interval; a step with fewer borrows those of all steps. */
const ENOUGH_ERRORS = 19;

/** Half the width of the interval of each level, step by step: entry h − 1 of `radius(level)` is step h's. */
export type Radii = (level: number) => number[];

/**
 * Radii for steps 1 … {@link MAX_HORIZON}. They grow with the level. If the errors are too few for a level, the
 * largest one is used and the true coverage is lower, which the backtest's coverage shows.
 */
export function conformalRadii(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
): Radii {
  const errors = Array.from({ length: MAX_HORIZON }, (_, step) =>
    sorted(stepErrors(series, origins, forecasts, step)),
  );
  const pooled = sorted(errors.flat());
  return (level) =>
    errors.map((own) => {
      const usable = own.length >= ENOUGH_ERRORS ? own : pooled;
      return conformalQuantile(usable, level) ?? usable.at(-1) ?? 0;
    });
}

/** Absolute errors of one step (from 0) over all origins after which its day is known. */
function stepErrors(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
  step: number,
): number[] {
  return origins.flatMap((origin, window) => {
    const actual = series[origin + step];
    return actual === undefined ? [] : [Math.abs(actual - Number(forecasts[window]?.[step]))];
  });
}

/**
 * The ⌈(m + 1)·level⌉-th smallest of m errors in ascending order; null where m is too small for the level.
 *
 * @param level 0 … 1
 */
export function conformalQuantile(ascending: readonly number[], level: number): number | null {
  // 20 · 0.95 is a little more than 19 in binary, and would need one error too many.
  const rank = Math.ceil((ascending.length + 1) * level - 1e-9);
  return ascending[rank - 1] ?? null;
}

/** Whether each forecast's actual value lay within its interval: windows × the first seven steps. */
export type Hits = readonly (readonly (boolean | null)[])[];

/**
 * Checks intervals out of sample: each is made from the windows that had ended by its origin. Null if these were too
 * few for the level or the day is unknown.
 *
 * @param level 0 … 1
 */
export function intervalHits(
  series: readonly number[],
  origins: readonly number[],
  forecasts: RolledForecasts,
  level: number,
): Hits {
  const bySteps = Array.from({ length: BACKTEST_HORIZON }, (_, step) =>
    stepHits(stepErrors(series, origins, forecasts, step), origins, step, level),
  );
  return origins.map((_, window) => bySteps.map((hits) => hits[window] ?? null));
}

function stepHits(
  errors: readonly number[],
  origins: readonly number[],
  step: number,
  level: number,
): (boolean | null)[] {
  const past: number[] = [];
  let over = 0;
  return errors.map((error, window) => {
    for (; Number(origins[over]) + step < Number(origins[window]); over++) insert(past, Number(errors[over]));
    const radius = conformalQuantile(past, level);
    return radius === null ? null : error <= radius;
  });
}

/** Share of hits; null where nothing was checked. */
export function coverage(hits: Hits): number | null {
  const checked = hits.flat().filter((hit) => hit !== null);
  return checked.length === 0 ? null : checked.filter(Boolean).length / checked.length;
}

function sorted(values: readonly number[]): number[] {
  return [...values].sort((a, b) => a - b);
}

/** Inserts a value in ascending order. */
function insert(ascending: number[], value: number): void {
  let at = ascending.length;
  while (at > 0 && Number(ascending[at - 1]) > value) at--;
  ascending.splice(at, 0, value);
}
