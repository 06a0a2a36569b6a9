/** The bodies of `GET /demand/forecast` and of a store's part of `GET /demand/backtest`, rounded for reading. */

import type { ModelName, ModelParameters } from '../api/forecast-models.ts';
import type { ExcludedModel } from './backtest/backtest.ts';
import { BACKTEST_HORIZON } from './backtest/rolling-origin.ts';
import type { DemandDay } from './demand-day.ts';
import { dailySeries, dateAfter, demandSeries } from './demand-day.ts';
import {
  type BacktestTable,
  backtestSeries,
  type DemandForecast,
  type ForecastRequest,
  type ForecastStep,
  forecastSeries,
} from './demand-forecast.ts';
import type { Offers } from './models/forecast-model.ts';
import { roundDecimal } from './numerics.ts';
import { type Offer, type OfferPlan, offersAt, planWarnings } from './offers.ts';

interface ForecastSubject {
  /** Null for a sum over stores. */
  readonly store_id: string | null;
  /** Null for a sum over products. */
  readonly product_id: string | null;
  /** The cutoff as the answer echoes it: a date, or `all`. */
  readonly analysis_up_to_day: string;
}

export interface BacktestAnswer {
  readonly windows: number;
  readonly horizon: number;
  readonly models: readonly {
    readonly model: ModelName;
    readonly rmsse: number | null;
    readonly mase: number | null;
    readonly smape: number | null;
    /** Units; above zero is too much. */
    readonly bias: number | null;
    readonly coverage: readonly { readonly level: number; readonly covered_pct: number | null }[];
  }[];
}

/** What a forecast assumes that customers are offered on a day. */
interface AssumedOffer {
  readonly net_price: number;
  readonly promotion: boolean;
  /** False if it is the last known offer. */
  readonly planned: boolean;
}

export interface ForecastAnswer extends ForecastSubject {
  readonly history_days_used: number;
  readonly horizon: number;
  readonly model: ModelName;
  readonly excluded_models: readonly ExcludedModel[];
  /** Sentences; none without a plan. */
  readonly warnings: readonly string[];
  readonly parameters: ModelParameters;
  readonly forecast: readonly (AnswerStep & { readonly offer: AssumedOffer | null })[];
  readonly baseline: {
    readonly model: ModelName;
    readonly rmsse: number | null;
    readonly improvement_pct: number | null;
  };
  readonly backtest: BacktestAnswer;
  /** The last known days, as many as requested, ascending. */
  readonly history: readonly DemandDay[];
}

/** One day of an answer. */
export interface AnswerStep {
  readonly day: number;
  readonly date: string;
  readonly forecast_units: number;
  readonly intervals: readonly { readonly level: number; readonly lower: number; readonly upper: number }[];
}

export interface ForecastAnswerRequest extends ForecastRequest {
  /** How many of the last known days to return as well. */
  readonly history: number;
}

/**
 * Forecasts a history and rounds the result for clients: units to hundredths, parameters to 4 decimals.
 *
 * @param history ascending by date; missing dates count as days without sales
 * @param plan the offers of its days and of the days ahead, if they are known
 * @throws RangeError as {@link forecastSeries} does
 */
export function forecastAnswer(
  subject: ForecastSubject,
  history: readonly DemandDay[],
  request: ForecastAnswerRequest,
  plan?: OfferPlan,
): ForecastAnswer {
  const series = dailySeries(history);
  const forecast = forecastSeries(demandSeries(history), request, plan);
  return answerOf(subject, forecast, { series, lastDate: history.at(-1)?.date ?? '', plan }, request);
}

/** What an answer is made from besides the forecast. */
export interface AnswerHistory {
  /** Units sold per day, to the last date. */
  readonly series: readonly number[];
  /** `YYYY-MM-DD`. */
  readonly lastDate: string;
  readonly plan: OfferPlan | undefined;
}

/** Rounds a forecast for clients. */
export function answerOf(
  subject: ForecastSubject,
  forecast: DemandForecast,
  { series, lastDate, plan }: AnswerHistory,
  request: Omit<ForecastAnswerRequest, 'model'>,
): ForecastAnswer {
  const offers = plan && offersAt(plan, series.length);
  const backtest = backtestAnswer(forecast.backtest);
  const { baseline } = forecast;
  return {
    ...subject,
    history_days_used: forecast.days,
    horizon: request.horizon,
    model: forecast.model,
    excluded_models: forecast.excluded,
    warnings: plan === undefined ? [] : planWarnings(plan, forecast.model),
    parameters: roundedParameters(forecast.parameters),
    forecast: forecast.steps.map((step) => ({
      ...answerStep(step, lastDate),
      offer:
        offers === undefined
          ? null
          : assumedOffer(offers, series.length + step.day - 1, plan?.ahead[step.day - 1]),
    })),
    baseline: {
      model: baseline.model,
      rmsse: backtest.models.find(({ model }) => model === baseline.model)?.rmsse ?? null,
      improvement_pct: rounded(baseline.improvement, 1, 100),
    },
    backtest,
    history: lastDays(series, lastDate, request.history),
  };
}

/** A day of a forecast with its date, units rounded to hundredths. */
export function answerStep({ day, units, intervals }: ForecastStep, lastDate: string): AnswerStep {
  return {
    day,
    date: dateAfter(lastDate, day),
    forecast_units: roundDecimal(units, 2),
    intervals: intervals.map(({ level, lower, upper }) => ({
      level,
      lower: roundDecimal(lower, 2),
      upper: roundDecimal(upper, 2),
    })),
  };
}

function assumedOffer(
  { logPrices, promotions }: Offers,
  day: number,
  planned: Offer | null | undefined,
): AssumedOffer {
  return {
    net_price: roundDecimal(Math.exp(Number(logPrices[day])), 2),
    promotion: promotions[day] === 1,
    planned: planned !== null && planned !== undefined,
  };
}

function lastDays(series: readonly number[], lastDate: string, count: number): DemandDay[] {
  const first = Math.max(0, series.length - count);
  return series.slice(first).map((units_sold, index) => ({
    date: dateAfter(lastDate, first + index + 1 - series.length),
    units_sold,
  }));
}

/**
 * Backtests every model on a history.
 *
 * @param levels of the intervals, in per cent
 * @throws RangeError as {@link backtestSeries} does
 */
export function backtestOf(
  history: readonly DemandDay[],
  levels: readonly number[],
  plan?: OfferPlan,
): BacktestAnswer {
  return backtestAnswer(backtestSeries(demandSeries(history), levels, plan));
}

function backtestAnswer({ windows, rows }: BacktestTable): BacktestAnswer {
  return {
    windows,
    horizon: BACKTEST_HORIZON,
    models: rows.map(({ model, accuracy, coverage }) => ({
      model,
      rmsse: rounded(accuracy.rmsse, 4),
      mase: rounded(accuracy.mase, 4),
      smape: rounded(accuracy.smape, 2),
      bias: rounded(accuracy.bias, 2),
      coverage: coverage.map(({ level, share }) => ({ level, covered_pct: rounded(share, 1, 100) })),
    })),
  };
}

function rounded(value: number | null, decimals: number, factor = 1): number | null {
  return value === null ? null : roundDecimal(value * factor, decimals);
}

function roundedParameters(parameters: ModelParameters): ModelParameters {
  return Object.fromEntries(
    Object.entries(parameters).map(([name, value]) => [
      name,
      typeof value === 'number' ? roundDecimal(value, 4) : roundedParameters(value),
    ]),
  );
}
