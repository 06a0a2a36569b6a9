/**
 * Intermittent demand by Teunter, Syntetos & Babai, "Intermittent demand: linking forecasting to inventory
 * obsolescence" (European Journal of Operational Research 214(3), 2011). The probability p of a sale is smoothed every
 * day, the size z of a sale on days with one; the forecast is p · z, and fades while nothing is sold.
 */

import type { ModelParameters } from '../../api/forecast-models.ts';
import { patternSearch, REFIT_STEP, sumOfSquares, totalError, weekAheadErrors } from './estimation.ts';
import type { FittedModel, ForecastModel } from './forecast-model.ts';

interface TsbParameters extends ModelParameters {
  /** Smoothing of the size of a sale. */
  readonly alpha: number;
  /** Smoothing of the probability of a sale. */
  readonly beta: number;
}

const MOST_SMOOTHING = 0.5;
const LEAST_SMOOTHING = 0.01;
const START = [0.2, 0.2];

export const tsb: ForecastModel = { fit: (history) => fitFrom(history, START) };

function fitFrom(history: readonly number[], start: readonly number[], firstStep?: number): FittedModel {
  const first = initialState(history);
  const errorOf = weekAheadErrors(history);
  const forecasts = new Float64Array(history.length);
  const objective = (point: readonly number[]): number => {
    smooth(history, parametersAt(point), first, forecasts);
    return totalError(errorOf, forecasts);
  };
  const point = patternSearch(objective, start, sumOfSquares(history), firstStep);
  const parameters = parametersAt(point);
  return {
    parameters,
    forecast: (known, horizon) =>
      new Array<number>(horizon).fill(smooth(known, parameters, initialState(known))),
    refit: (longer) => fitFrom(longer, point, REFIT_STEP),
  };
}

interface State {
  readonly probability: number;
  readonly size: number;
}

function parametersAt([a = 0, b = 0]: readonly number[]): TsbParameters {
  const smoothing = (point: number): number => LEAST_SMOOTHING + (MOST_SMOOTHING - LEAST_SMOOTHING) * point;
  return { alpha: smoothing(a), beta: smoothing(b) };
}

/** The share of days with a sale and its mean size, over the whole history. */
function initialState(history: readonly number[]): State {
  let [sales, total] = [0, 0];
  for (let day = 0; day < history.length; day++) {
    const value = Number(history[day]);
    if (value > 0) sales += 1;
    total += value;
  }
  return { probability: sales / history.length, size: sales === 0 ? 0 : total / sales };
}

/** Smooths the history and fills `before` with the forecast before each day. Returns the last forecast. */
function smooth(
  history: readonly number[],
  { alpha, beta }: TsbParameters,
  first: State,
  before?: Float64Array,
): number {
  let { probability, size } = first;
  for (let origin = 0; origin < history.length; origin++) {
    const value = Number(history[origin]);
    if (before !== undefined) before[origin] = probability * size;
    if (value > 0) size += alpha * (value - size);
    probability += beta * ((value > 0 ? 1 : 0) - probability);
  }
  return probability * size;
}
