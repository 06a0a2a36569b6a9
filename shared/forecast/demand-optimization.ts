/** The answer of `POST /optimize/demand`: the moving average whose parameters the search found. */

import { type DemandDay, type ForwardDay, flatWeek, lastActuals } from './demand-day.ts';
import {
  lastMean,
  type MovingAverageParams,
  type Trend,
  trendOf,
  tuneMovingAverage,
  weeklyTrendPct,
} from './moving-average.ts';
import { roundDecimal } from './numerics.ts';

/** With fewer days the last fifth is too short to compare windows. */
export const MIN_OPTIMIZATION_DAYS = 20;

const SHOWN_TRIALS = 5;

interface DemandOptimizationRequest {
  readonly store_id: string;
  readonly product_id: string;
  /** The cutoff as the answer echoes it: a date, or `all`. */
  readonly analysis_up_to_day: string;
  readonly n_trials: number;
}

/** One trial; `trial` counts from 1, `rmse` has 4 decimals. */
interface TrialRow extends MovingAverageParams {
  readonly trial: number;
  readonly rmse: number;
}

export interface DemandOptimization {
  readonly store_id: string;
  readonly product_id: string;
  readonly analysis_up_to_day: string;
  readonly forecast: {
    readonly method: 'moving_average_optimized';
    readonly window_used: number;
    readonly min_periods_used: number;
    readonly history_days_used: number;
    readonly forecast_next_day: number;
    readonly trend: Trend;
    readonly trend_pct: number;
    readonly '7_day_forward': readonly ForwardDay[];
    readonly last_5_actuals: readonly DemandDay[];
  };
  readonly optimization: {
    readonly n_trials: number;
    readonly study_name: string;
    readonly first_trial_rmse: number;
    readonly best_rmse: number;
    readonly improvement_pct: number;
    readonly best_params: MovingAverageParams;
    readonly top_5_trials: readonly TrialRow[];
    readonly worst_5_trials: readonly TrialRow[];
    readonly all_trials: readonly TrialRow[];
  };
}

interface Tried {
  readonly params: MovingAverageParams;
  readonly rmse: number;
}

/**
 * Searches for the best moving average and forecasts with it. Pure: the same request and history give the same answer.
 *
 * @param history the days up to the cutoff, by date
 * @throws RangeError with fewer than {@link MIN_OPTIMIZATION_DAYS} days or without trials
 */
export function optimizeMovingAverage(
  request: DemandOptimizationRequest,
  history: readonly DemandDay[],
): DemandOptimization {
  if (history.length < MIN_OPTIMIZATION_DAYS) {
    throw new RangeError(`Need ${MIN_OPTIMIZATION_DAYS}+ days of data, got ${history.length}.`);
  }
  const units = history.map((day) => day.units_sold);
  const tried = tuneMovingAverage(units, request.n_trials).trials.map(({ params, value }) => ({
    params,
    rmse: value ?? Number.POSITIVE_INFINITY,
  }));
  const [first] = tried;
  const [best] = byError(tried);
  if (first === undefined || best === undefined) {
    throw new RangeError(`A search needs at least one trial, got ${request.n_trials}.`);
  }
  return {
    store_id: request.store_id,
    product_id: request.product_id,
    analysis_up_to_day: request.analysis_up_to_day,
    forecast: forecastPart(history, units, best.params),
    optimization: {
      n_trials: request.n_trials,
      study_name: `${request.store_id}_${request.product_id}`,
      first_trial_rmse: roundDecimal(first.rmse, 4),
      best_rmse: roundDecimal(best.rmse, 4),
      improvement_pct: improvementPct(first.rmse, best.rmse),
      best_params: best.params,
      ...trialLists(tried),
    },
  };
}

function forecastPart(
  history: readonly DemandDay[],
  units: readonly number[],
  params: MovingAverageParams,
): DemandOptimization['forecast'] {
  const forecast = roundDecimal(lastMean(units, params.window), 2);
  const trendPct = roundDecimal(weeklyTrendPct(units) ?? 0, 1);
  return {
    method: 'moving_average_optimized',
    window_used: params.window,
    min_periods_used: params.min_periods,
    history_days_used: units.length,
    forecast_next_day: forecast,
    trend: trendOf(trendPct),
    trend_pct: trendPct,
    '7_day_forward': flatWeek(forecast),
    last_5_actuals: lastActuals(history),
  };
}

function trialLists(
  tried: readonly Tried[],
): Pick<DemandOptimization['optimization'], 'top_5_trials' | 'worst_5_trials' | 'all_trials'> {
  const rows = tried.map(({ params, rmse }, index) => ({
    trial: index + 1,
    ...params,
    rmse: roundDecimal(rmse, 4),
  }));
  const ranked = byError(rows);
  return {
    top_5_trials: ranked.slice(0, SHOWN_TRIALS),
    worst_5_trials: ranked.slice(-SHOWN_TRIALS),
    all_trials: rows,
  };
}

/** Sorts ascending by error; equal errors keep the order of the trials. */
function byError<T extends { readonly rmse: number }>(trials: readonly T[]): T[] {
  return [...trials].sort((a, b) => a.rmse - b.rmse);
}

/** Per cent, 1 decimal; 0 if the first trial had no error. */
function improvementPct(first: number, best: number): number {
  return first === 0 ? 0 : roundDecimal((1 - best / first) * 100, 1);
}
