import { type DemandDay, type ForwardDay, flatWeek, lastActuals } from './demand-day.ts';
import { pairwiseSum, roundDecimal, roundScaled } from './numerics.ts';
import { createStudy, type Study } from './tpe/study.ts';

/** The one-step moving average of a demand series, and the search for its parameters. */

/** The search space, in the order of suggestion. `trend_window` doesn't affect the error; clients expect it. */
const MOVING_AVERAGE_PARAMETERS = [
  { name: 'window', low: 3, high: 30 },
  { name: 'min_periods', low: 1, high: 7 },
  { name: 'trend_window', low: 5, high: 21 },
] as const;

const SEARCH_SEED = 42;
/** Share of the series, at its end, on which the error is measured. */
const TRAINING_SHARE = 0.8;

type MovingAverageParameter = (typeof MOVING_AVERAGE_PARAMETERS)[number]['name'];
export type MovingAverageParams = Readonly<Record<MovingAverageParameter, number>>;

/** Entry i is the sum of the first i values, exact for whole units up to 2⁵³ in total. */
export function prefixSums(series: ArrayLike<number>): Float64Array {
  const sums = new Float64Array(series.length + 1);
  let sum = 0;
  for (let i = 0; i < series.length; i++) {
    sum += Number(series[i]);
    sums[i + 1] = sum;
  }
  return sums;
}

/**
 * The mean of the last values.
 *
 * @param series Units per day, oldest first; at least one.
 * @param window Days to average, from 1; a longer window averages the whole series.
 */
export function lastMean(series: readonly number[], window: number): number {
  const last = series.slice(-window);
  return last.reduce((sum, value) => sum + value, 0) / last.length;
}

/**
 * The objective of the search: the root mean squared error of the one-step moving average over the last fifth of the
 * series. Day i is forecast by the mean of the up to `window` days before it, or where these are fewer than
 * `min_periods`, by the mean of all days before it. An evaluation costs one subtraction a day for any window.
 *
 * @param series units per day, at least one
 */
export function movingAverageError(
  series: readonly number[],
): (params: Pick<MovingAverageParams, 'window' | 'min_periods'>) => number {
  const sums = prefixSums(series);
  const start = Math.floor(TRAINING_SHARE * series.length);
  const squares = new Float64Array(series.length - start);
  return ({ window, min_periods }) => {
    for (let day = start; day < series.length; day++) {
      const error = Number(series[day]) - oneStepForecast(sums, Number(series[0]), day, window, min_periods);
      squares[day - start] = error * error;
    }
    return Math.sqrt(pairwiseSum(squares) / squares.length);
  };
}

function oneStepForecast(
  sums: Float64Array,
  first: number,
  day: number,
  window: number,
  minPeriods: number,
): number {
  if (day === 0) return first;
  const known = Math.min(window, day);
  if (known < minPeriods) return Number(sums[day]) / day;
  return (Number(sums[day]) - Number(sums[day - known])) / known;
}

/** Runs the search; the same series and number of trials give the same study. */
export function tuneMovingAverage(series: readonly number[], trials: number): Study<MovingAverageParameter> {
  const study = createStudy({ parameters: MOVING_AVERAGE_PARAMETERS, seed: SEARCH_SEED });
  study.optimize(movingAverageError(series), trials);
  return study;
}

/**
 * The window with the least error of all that the search may try, the shortest of equals. The search is what clients of
 * `/optimize/demand` expect; trying all windows finds the best one in less time.
 */
export function bestWindow(series: readonly number[]): number {
  const [{ low, high }] = MOVING_AVERAGE_PARAMETERS;
  const errorOf = movingAverageError(series);
  let best: { window: number; error: number } = { window: low, error: Number.POSITIVE_INFINITY };
  for (let window: number = low; window <= high; window++) {
    const error = errorOf({ window, min_periods: 1 });
    if (error < best.error) best = { window, error };
  }
  return best.window;
}

const WEEK = 7;
/** Per cent beyond which demand counts as rising or falling. */
const NOTABLE = 2;
/** Keeps a week without any sale from dividing by zero; part of the contract's formula. */
const TINY = 1e-9;

export type Trend = 'up' | 'down' | 'stable';

/** Change of the last week against the week before it, in per cent, unrounded; null with less than two weeks. */
export function weeklyTrendPct(units: readonly number[]): number | null {
  if (units.length < 2 * WEEK) return null;
  const recent = lastMean(units, WEEK);
  const before = lastMean(units.slice(0, -WEEK), WEEK);
  return ((recent - before) / (before + TINY)) * 100;
}

/** @param pct the rounded percentage of the answer: 2.04 is shown as 2.0, which is stable */
export function trendOf(pct: number): Trend {
  if (pct > NOTABLE) return 'up';
  return pct < -NOTABLE ? 'down' : 'stable';
}

/** The answer of `GET /demand/predict`: a flat moving-average forecast. */

interface DemandPredictionRequest {
  readonly store_id: string;
  readonly product_id: string;
  /** The cutoff as the answer echoes it: a date, or `all`. */
  readonly analysis_up_to_day: string;
  /** The moving average's window, from 1. */
  readonly days: number;
}

export interface DemandPrediction {
  readonly store_id: string;
  readonly product_id: string;
  readonly analysis_up_to_day: string;
  readonly total_history_days: number;
  readonly moving_avg_window: number;
  readonly forecast_next_day: number;
  readonly trend: Trend | 'insufficient data';
  readonly trend_pct: number;
  readonly '7_day_forward': readonly ForwardDay[];
  readonly last_5_actuals: readonly DemandDay[];
}

/**
 * Forecasts the next week by the mean of the last days.
 *
 * @param history the days up to the cutoff, by date
 * @throws RangeError for an empty history, which has no mean
 */
export function predictByAverage(
  request: DemandPredictionRequest,
  history: readonly DemandDay[],
): DemandPrediction {
  if (history.length === 0) throw new RangeError('A forecast needs at least one day of history.');
  const units = history.map((day) => day.units_sold);
  const window = Math.min(request.days, units.length);
  const forecast = roundDecimal(lastMean(units, window), 2);
  const pct = weeklyTrendPct(units);
  const trendPct = pct === null ? 0 : roundScaled(pct, 1);
  return {
    store_id: request.store_id,
    product_id: request.product_id,
    analysis_up_to_day: request.analysis_up_to_day,
    total_history_days: units.length,
    moving_avg_window: window,
    forecast_next_day: forecast,
    trend: pct === null ? 'insufficient data' : trendOf(trendPct),
    trend_pct: trendPct,
    '7_day_forward': flatWeek(forecast),
    last_5_actuals: lastActuals(history),
  };
}
