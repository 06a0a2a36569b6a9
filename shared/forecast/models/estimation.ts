/** Estimating a model's parameters: a search without derivatives, and the errors that it minimises. */

import { prefixSums } from '../moving-average.ts';
import { WEEK } from './forecast-model.ts';

const FIRST_STEP = 0.25;
/** First step of a search that starts where one on most of the same history ended. */
export const REFIT_STEP = 0.0625;
const LAST_STEP = 0.01;
/** Smaller relative improvements are rounding noise; following them would give a series in other units another model. */
const NOTABLE = 1e-9;

type Objective = (point: readonly number[]) => number;

/**
 * Compass search on the unit cube (Kolda, Lewis & Torczon, "Optimization by direct search", SIAM Review 45(3), 2003):
 * takes the first coordinate step that improves; when none does, halves the step. The lowest value only falls, so a point that
 * was tried before can't improve on it: a quarter of all steps lead back to one, or out of the cube, and cost nothing.
 *
 * @param objective finite and not negative on the whole cube
 * @param start coordinates in 0 … 1
 * @param scale typical size of the objective, below whose rounding noise the search stops
 */
export function patternSearch(
  objective: Objective,
  start: readonly number[],
  scale: number,
  firstStep = FIRST_STEP,
): number[] {
  let best = [...start];
  let lowest = objective(best);
  const tried = [best];
  for (let step = firstStep; step >= LAST_STEP; ) {
    const threshold = lowest - NOTABLE * (lowest + NOTABLE * scale);
    const better = firstBetter({ objective, tried, threshold }, best, step);
    if (better === undefined) {
      step /= 2;
      continue;
    }
    best = better.point;
    lowest = better.value;
  }
  return best;
}

interface Search {
  readonly objective: Objective;
  /** Points whose value is known. */
  readonly tried: (readonly number[])[];
  /** A better point has a lower value. */
  readonly threshold: number;
}

function firstBetter(
  { objective, tried, threshold }: Search,
  from: readonly number[],
  step: number,
): { point: number[]; value: number } | undefined {
  for (let axis = 0; axis < from.length; axis++) {
    for (const direction of [step, -step]) {
      const point = from.with(axis, Math.min(Math.max(Number(from[axis]) + direction, 0), 1));
      if (wasTried(point, tried)) continue;
      tried.push(point);
      const value = objective(point);
      if (value < threshold) return { point, value };
    }
  }
  return undefined;
}

function wasTried(point: readonly number[], tried: readonly (readonly number[])[]): boolean {
  for (const other of tried) {
    let axis = 0;
    while (axis < point.length && point[axis] === other[axis]) axis++;
    if (axis === point.length) return true;
  }
  return false;
}

/** The typical size of a series' squared errors, as the `scale` of {@link patternSearch}. */
export function sumOfSquares(series: ArrayLike<number>): number {
  let sum = 0;
  for (let day = 0; day < series.length; day++) sum += Number(series[day]) ** 2;
  return sum;
}

/**
 * Sums the squared errors of a flat forecast over the seven days after an origin, or over the days that are left.
 * A sum over a week costs no more than one over a day: Σ(y − f)² = Σy² − 2fΣy + f²·days.
 *
 * @param series units per day
 */
export function weekAheadErrors(series: ArrayLike<number>): (origin: number, flatForecast: number) => number {
  const sums = prefixSums(series);
  const squares = prefixSums(Float64Array.from(series, (value) => value * value));
  return (origin, flat) => {
    const end = Math.min(origin + WEEK, series.length);
    const sum = Number(sums[end]) - Number(sums[origin]);
    const square = Number(squares[end]) - Number(squares[origin]);
    return Math.max(square - 2 * flat * sum + flat * flat * (end - origin), 0);
  };
}

/**
 * The squared errors of a flat forecast from each day of a series, summed.
 *
 * @param errorOf what {@link weekAheadErrors} returns
 * @param forecasts made before each day, in units per day
 */
export function totalError(errorOf: ReturnType<typeof weekAheadErrors>, forecasts: Float64Array): number {
  let sum = 0;
  for (let origin = 0; origin < forecasts.length; origin++) sum += errorOf(origin, Number(forecasts[origin]));
  return sum;
}
