/** The multi-step forecast of one series: a path, its intervals, and how the model was chosen. Nothing is rounded. */

import { MAX_HORIZON, type ModelName, type ModelParameters } from '../api/forecast-models.ts';
import { type Accuracy, accuracy } from './backtest/accuracy.ts';
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
  yardstickOf,
} from './backtest/intervals.ts';
import type { RolledForecasts } from './backtest/rolling-origin.ts';
import { gridOf, nearestValue } from './backtest/value-grid.ts';
import { MIN_TRAINING_DAYS } from './models/forecast-model.ts';
import { BASELINE, fitModel } from './models/models.ts';
import { type OfferPlan, offersAt, offersSince } from './offers.ts';

/** Fewest days of history for a forecast: two weeks to train on and a few to test on. */
export const MIN_FORECAST_DAYS = 20;

/** Fewest origins that a series must share with others to be backtested on the same days. */
const FEWEST_SHARED = 4;

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
export function forecastSeries(
  series: readonly number[],
  request: ForecastRequest,
  plan?: OfferPlan,
): DemandForecast {
  checkSeries(series);
  checkRequest(request);
  const past = sellingPast(series, plan);
  const model = request.model === 'auto' ? chooseModel(past) : request.model;
  const { parameters, path } = forecastBy(past, model, request.horizon);
  const windows = modelBacktest(past.models, model).forecasts;
  return describedForecast(past, { model, parameters, path, windows }, request.levels);
}

/** A forecast, and the forecasts that were made in the same way in the past. */
export interface MadeForecast {
  readonly model: ModelName;
  readonly parameters: ModelParameters;
  readonly path: readonly number[];
  /** From each origin of the backtest. */
  readonly windows: RolledForecasts;
}

/** Adds to a forecast its intervals, the backtest of all models, and how much better it is than the baseline. */
export function describedForecast(
  past: Backtest,
  { model, parameters, path, windows }: MadeForecast,
  levels: readonly number[],
): DemandForecast {
  return {
    days: past.series.length,
    model,
    parameters,
    steps: stepsOf(path, levels, past, windows),
    backtest: tableOf(past, levels),
    baseline: { model: BASELINE, improvement: improvementOf(past, windows) },
    excluded: past.excluded ?? [],
  };
}

/** The forecast of one model after the end of a backtest's series. */
export function forecastBy(
  { series, models, plan }: SellingPast,
  model: ModelName,
  horizon: number,
): { parameters: ModelParameters; path: readonly number[] } {
  const offers = plan && offersAt(plan, series.length);
  const last = (name: ModelName) => modelBacktest(models, name).fitted;
  const fitted = fitModel(model, last, series, offers);
  return { parameters: fitted.parameters, path: fitted.forecast(series, horizon, offers) };
}

/** How every model would have done on the past of a series; levels in per cent. Conditions: {@link forecastSeries}. */
export function backtestSeries(
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
 *
 * @param origins days of the series to forecast from, if other series are backtested on the same days; a series that has
 *   hardly any of them since its launch is backtested on days of its own
 */
export function sellingPast(
  series: readonly number[],
  plan: OfferPlan | undefined,
  origins?: readonly number[],
): SellingPast {
  const firstSale = Math.max(
    series.findIndex((units) => units > 0),
    0,
  );
  const first = Math.min(firstSale, Math.max(series.length - MIN_FORECAST_DAYS, 0));
  const selling = plan && offersSince(plan, first);
  const own = origins?.map((origin) => origin - first).filter((origin) => origin >= MIN_TRAINING_DAYS);
  const usable = own !== undefined && own.length >= FEWEST_SHARED ? own : undefined;
  return { ...backtest(series.slice(first), selling, usable), plan: selling };
}

/** The backtest of a series from its launch on, with the offers since. */
export interface SellingPast extends Backtest {
  readonly plan: OfferPlan | undefined;
}

/**
 * A path with its intervals, from the errors of forecasts that were made in the same way. An interval holds at least the value
 * nearest to the forecast that the series can have.
 */
export function stepsOf(
  path: readonly number[],
  levels: readonly number[],
  { series, origins }: Pick<Backtest, 'series' | 'origins'>,
  windows: RolledForecasts,
): ForecastStep[] {
  const marginsAt = conformalMargins(series, origins, windows);
  const margins = levels.map((level) => ({ level, ...marginsAt(level / 100) }));
  const grid = gridOf(series);
  return path.map((units, step) => {
    const nearest = nearestValue(grid, units);
    return {
      day: step + 1,
      units,
      intervals: margins.map(({ level, below, above }) => ({
        level,
        lower: Math.max(Math.min(units + Number(below[step]), nearest), 0),
        upper: Math.max(units + Number(above[step]), nearest),
      })),
    };
  });
}

function tableOf({ series, origins, models }: Backtest, levels: readonly number[]): BacktestTable {
  const yardstick = yardstickOf(series, origins);
  const shares = levels.map((level) => level / 100);
  const rows = models.map(({ model, accuracy, forecasts }) => {
    const tails = intervalTails(series, origins, forecasts, CHECKED_WINDOWS, yardstick, shares);
    return {
      model,
      accuracy,
      coverage: levels.map((level, index) => ({ level, share: coverage(tails, Number(shares[index])) })),
    };
  });
  return { windows: origins.length, rows };
}

function improvementOf({ series, origins, models }: Backtest, windows: RolledForecasts): number | null {
  const own = accuracy(series, origins, windows).rmse;
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
