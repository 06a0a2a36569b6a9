/** The multi-step forecast of one series: a path, its intervals, and how the model was chosen. Nothing is rounded. */

import { MAX_HORIZON, type ModelName, type ModelParameters } from '../api/forecast-models.ts';
import type { Accuracy } from './backtest/accuracy.ts';
import {
  type Backtest,
  backtest,
  chooseModel,
  type ExcludedModel,
  modelBacktest,
} from './backtest/backtest.ts';
import {
  CHECKED_WINDOWS,
  conformalMargins,
  coverage,
  intervalTails,
  localScales,
} from './backtest/intervals.ts';
import { BASELINE, MODELS } from './models/models.ts';
import { type OfferPlan, offersAt, offersSince } from './offers.ts';

/** Fewest days of history for a forecast: two weeks to train on and a few to test on. */
export const MIN_FORECAST_DAYS = 20;

export interface ForecastRequest {
  /** Days ahead, 1 to {@link MAX_HORIZON}. */
  readonly horizon: number;
  /** Levels of the intervals in per cent, above 0 and below 100. */
  readonly levels: readonly number[];
  /** A model, or `auto` for the combination unless another was clearly better in the backtest. */
  readonly model: ModelName | 'auto';
}

export interface ForecastInterval {
  /** Per cent. */
  readonly level: number;
  readonly lower: number;
  readonly upper: number;
}

export interface ForecastStep {
  /** 1 for the day after the last known one. */
  readonly day: number;
  readonly units: number;
  /** One per level, in the order asked for. */
  readonly intervals: readonly ForecastInterval[];
}

/** A model's row in the backtest table. */
export interface BacktestRow {
  readonly model: ModelName;
  readonly accuracy: Accuracy;
  /** How often (0 … 1) intervals of each level are expected to hold in the next weeks; null on too short a past. */
  readonly coverage: readonly { readonly level: number; readonly share: number | null }[];
}

export interface BacktestTable {
  /** Origins in the past from which every model forecast a week. */
  readonly windows: number;
  readonly rows: readonly BacktestRow[];
}

export interface DemandForecast {
  /** Days that the model learnt from; see {@link sellingPast}. */
  readonly days: number;
  readonly model: ModelName;
  readonly parameters: ModelParameters;
  readonly steps: readonly ForecastStep[];
  readonly backtest: BacktestTable;
  /** What the model is measured against; its improvement is the share by which its RMSE is lower. */
  readonly baseline: { readonly model: ModelName; readonly improvement: number | null };
  readonly excluded: readonly ExcludedModel[];
}

/**
 * Forecasts a series. Pure: the same series and request give the same answer, a longer horizon begins with the shorter
 * one, and scaling the series scales the forecast.
 *
 * @param series units per day without gaps, oldest first; finite, none negative
 * @param plan the offers of each of its days and of the days ahead, if they are known
 * @throws RangeError with fewer than {@link MIN_FORECAST_DAYS} days, or for a request out of range
 */
export function forecastDemand(
  series: readonly number[],
  request: ForecastRequest,
  plan?: OfferPlan,
): DemandForecast {
  checkSeries(series);
  checkRequest(request);
  const past = sellingPast(series, plan);
  const model = request.model === 'auto' ? chooseModel(past) : request.model;
  const offers = past.plan && offersAt(past.plan, past.series.length);
  const fitted = MODELS[model].fit(past.series, offers);
  const path = fitted.forecast(past.series, request.horizon, offers);
  return {
    days: past.series.length,
    model,
    parameters: fitted.parameters,
    steps: stepsOf(path, request.levels, past, model),
    backtest: tableOf(past, request.levels),
    baseline: { model: BASELINE, improvement: improvementOf(past, model) },
    excluded: past.excluded ?? [],
  };
}

/** How every model would have done on the past of a series; levels in per cent. Conditions: {@link forecastDemand}. */
export function backtestDemand(
  series: readonly number[],
  levels: readonly number[],
  plan?: OfferPlan,
): BacktestTable {
  checkSeries(series);
  checkLevels(levels);
  return tableOf(sellingPast(series, plan), levels);
}

/**
 * The backtest from the first day with a sale: the zeros before a launch are no history of its demand. At least
 * {@link MIN_FORECAST_DAYS} days are left.
 */
function sellingPast(series: readonly number[], plan: OfferPlan | undefined): SellingPast {
  const firstSale = Math.max(
    series.findIndex((units) => units > 0),
    0,
  );
  const first = Math.min(firstSale, Math.max(series.length - MIN_FORECAST_DAYS, 0));
  const selling = plan && offersSince(plan, first);
  return { ...backtest(series.slice(first), selling), plan: selling };
}

/** The backtest of a series from its launch on, with the offers since. */
interface SellingPast extends Backtest {
  readonly plan: OfferPlan | undefined;
}

function stepsOf(
  path: readonly number[],
  levels: readonly number[],
  { series, origins, models }: Backtest,
  model: ModelName,
): ForecastStep[] {
  const { forecasts } = modelBacktest(models, model);
  const marginsAt = conformalMargins(series, origins, forecasts);
  const margins = levels.map((level) => ({ level, ...marginsAt(level / 100) }));
  return path.map((units, step) => ({
    day: step + 1,
    units,
    intervals: margins.map(({ level, below, above }) => ({
      level,
      lower: Math.max(units + Number(below[step]), 0),
      upper: units + Number(above[step]),
    })),
  }));
}

function tableOf({ series, origins, models }: Backtest, levels: readonly number[]): BacktestTable {
  const scales = localScales(series, origins);
  const rows = models.map(({ model, accuracy, forecasts }) => {
    const tails = intervalTails(series, origins, forecasts, CHECKED_WINDOWS, scales);
    return {
      model,
      accuracy,
      coverage: levels.map((level) => ({ level, share: coverage(tails, level / 100) })),
    };
  });
  return { windows: origins.length, rows };
}

function improvementOf({ models }: Backtest, model: ModelName): number | null {
  const own = modelBacktest(models, model).accuracy.rmse;
  const baseline = modelBacktest(models, BASELINE).accuracy.rmse;
  if (own === null || baseline === null) return null;
  if (baseline === 0) return own === 0 ? 0 : null;
  return 1 - own / baseline;
}

function checkSeries(series: readonly number[]): void {
  if (series.length < MIN_FORECAST_DAYS) {
    throw new RangeError(`Need ${MIN_FORECAST_DAYS}+ days of data, got ${series.length}.`);
  }
  const wrong = series.findIndex((value) => !(Number.isFinite(value) && value >= 0));
  if (wrong >= 0)
    throw new RangeError(`Units of day ${wrong + 1} are ${series[wrong]}: must be a number from 0.`);
}

function checkRequest({ horizon, levels }: ForecastRequest): void {
  if (!Number.isInteger(horizon) || horizon < 1 || horizon > MAX_HORIZON) {
    throw new RangeError(`A horizon is 1 to ${MAX_HORIZON} days, got ${horizon}.`);
  }
  checkLevels(levels);
}

function checkLevels(levels: readonly number[]): void {
  const wrong = levels.find((level) => !(level > 0 && level < 100));
  if (wrong !== undefined) throw new RangeError(`A level is above 0 and below 100 per cent, got ${wrong}.`);
}
