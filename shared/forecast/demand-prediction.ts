/** The answer of `GET /demand/predict`: a flat moving-average forecast. */

import { type DemandDay, type ForwardDay, flatWeek, lastActuals } from './demand-day.ts';
import { lastMean, type Trend, trendOf, weeklyTrendPct } from './moving-average.ts';
import { roundDecimal, roundScaled } from './numerics.ts';

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
