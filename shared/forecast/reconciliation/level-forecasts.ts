/**
 * Forecasts of all levels that agree: each series is forecast for itself, and the forecasts are reconciled, bottom-up or by
 * MinT, whichever was better in the backtest. Nothing is rounded.
 */

import {
  FORECAST_LEVELS,
  type ForecastLevel,
  MAX_HORIZON,
  type ModelName,
  type ModelParameters,
  type Reconciliation,
} from '../../api/forecast-models.ts';
import { accuracy } from '../backtest/accuracy.ts';
import { chooseModel, modelBacktest } from '../backtest/backtest.ts';
import { BACKTEST_HORIZON, backtestOrigins, type RolledForecasts } from '../backtest/rolling-origin.ts';
import { forecastBy, MIN_FORECAST_DAYS, type SellingPast, sellingPast } from '../demand-forecast.ts';
import {
  bottomUp,
  itemsOf,
  mint,
  type Node,
  type PairSeries,
  type Reconciler,
  sumOver,
  sumsOf,
} from './hierarchy.ts';

/** Fewest windows for a comparison: half of them estimate how errors covary, the others judge. */
const FEWEST_COMPARED = 12;
/** Fewest windows of a series of its own, launched late, from which its intervals are made after reconciliation. */
const FEWEST_WINDOWS = 4;

export interface LevelRequest {
  readonly model: ModelName | 'auto';
  readonly reconciliation: Reconciliation | 'auto';
}

/** A forecast that agrees with those of all other levels. */
export interface LevelForecast extends Node {
  /** The backtest of the series for itself. */
  readonly past: SellingPast;
  readonly model: ModelName;
  readonly parameters: ModelParameters;
  /** Reconciled; {@link MAX_HORIZON} days. */
  readonly path: readonly number[];
  /** Reconciled forecasts from the origins of `past`. */
  readonly windows: RolledForecasts;
}

/** How well a method did: the mean RMSSE of each level's series, and the mean of these. */
export interface ReconciliationAccuracy {
  readonly method: Reconciliation;
  readonly levels: readonly { readonly level: ForecastLevel; readonly rmsse: number | null }[];
  readonly mean: number | null;
}

export interface LevelForecasts {
  readonly method: Reconciliation;
  /** Windows on which the methods were compared; 0 on too short a history. */
  readonly windows: number;
  readonly accuracy: readonly ReconciliationAccuracy[];
  /** Sums (everything, stores, products) and then pairs. */
  readonly forecasts: readonly LevelForecast[];
}

/** One series of the hierarchy with its own forecasts. */
interface BaseForecast extends Pick<LevelForecast, 'past' | 'model' | 'parameters'> {
  readonly node: Node;
  readonly units: readonly number[];
  readonly path: readonly number[];
  /** From every origin of the hierarchy; zeros before the series was sold. */
  readonly windows: RolledForecasts;
}

/**
 * Forecasts every pair, store, product and the total.
 *
 * @param pairs all with the same days, {@link MIN_FORECAST_DAYS} or more, without the days before the first sale of any
 * @throws RangeError with fewer days or without pairs
 */
export function forecastLevels(pairs: readonly PairSeries[], request: LevelRequest): LevelForecasts {
  const days = Number(pairs[0]?.units.length ?? 0);
  if (days < MIN_FORECAST_DAYS) throw new RangeError(`Need ${MIN_FORECAST_DAYS}+ days of data, got ${days}.`);
  const sums = sumsOf(pairs);
  const origins = backtestOrigins(days);
  const base = [
    ...sums.map((node) => baseForecast(node, sumSeries(node, pairs), null, origins, request.model)),
    ...itemsOf(pairs).map((node, pair) => {
      const { units = [], offers = null } = pairs[pair] ?? {};
      return baseForecast(node, units, offers, origins, request.model);
    }),
  ];
  const half = Math.floor(origins.length / 2);
  const [early, late] = [errorsOf(base, origins, 0, half), errorsOf(base, origins, half, origins.length)];
  const crossed = crossFitted(base, sums, origins.length, half, early, late);
  const judged = origins.length >= FEWEST_COMPARED ? origins.length - half : 0;
  const summed = sumsUp(
    base.map(({ windows }) => windows),
    sums,
  );
  const accuracies = [
    methodAccuracy('bottom_up', base, summed, origins, judged),
    methodAccuracy('mint', base, crossed, origins, judged),
  ];
  const method = request.reconciliation === 'auto' ? better(accuracies) : request.reconciliation;
  const all = early.map((errors, series) => Float64Array.of(...errors, ...(late[series] ?? [])));
  const reconcile = method === 'mint' ? mint(sums, all) : bottomUp;
  const paths = reconciledRows(
    base.map(({ path }) => [path]),
    sums,
    () => reconcile,
  );
  const windows = method === 'mint' ? crossed : summed;
  return {
    method,
    windows: judged,
    accuracy: accuracies,
    forecasts: base.map((one, series) => ({
      ...one.node,
      past: one.past,
      model: one.model,
      parameters: one.parameters,
      path: paths[series]?.[0] ?? [],
      windows: ownWindows(one, windows[series] ?? [], origins),
    })),
  };
}

function sumSeries(node: Node, pairs: readonly PairSeries[]): number[] {
  const [first = []] = pairs.map(({ units }) => units);
  const total = first.map(() => 0);
  for (const pair of node.pairs) {
    const units = pairs[pair]?.units ?? [];
    for (let day = 0; day < total.length; day++) total[day] = Number(total[day]) + Number(units[day]);
  }
  return total;
}

function baseForecast(
  node: Node,
  units: readonly number[],
  offers: PairSeries['offers'],
  origins: readonly number[],
  wanted: ModelName | 'auto',
): BaseForecast {
  const plan = offers === null ? undefined : { past: offers, ahead: [] };
  const past = sellingPast(units, plan, origins);
  const model = wanted === 'auto' ? chooseModel(past) : wanted;
  const { parameters, path } = forecastBy(past, model, MAX_HORIZON);
  const { forecasts } = modelBacktest(past.models, model);
  const launch = units.length - past.series.length;
  const windows = origins.map((origin) => forecasts[past.origins.indexOf(origin - launch)] ?? NOTHING);
  return { node, units, past, model, parameters, path, windows };
}

/** The forecast of a series that was not sold yet. */
const NOTHING: readonly number[] = new Array<number>(MAX_HORIZON).fill(0);

/** Each series' errors of the first week after some origins. */
function errorsOf(
  base: readonly BaseForecast[],
  origins: readonly number[],
  from: number,
  to: number,
): Float64Array[] {
  return base.map(({ units, windows }) => {
    const errors: number[] = [];
    for (let window = from; window < to; window++) {
      const origin = Number(origins[window]);
      const steps = Math.min(BACKTEST_HORIZON, units.length - origin);
      for (let step = 0; step < steps; step++) {
        errors.push(Number(units[origin + step]) - Number(windows[window]?.[step]));
      }
    }
    return Float64Array.from(errors);
  });
}

/** MinT in the past: the errors of either half of the windows reconcile the forecasts of the other. */
function crossFitted(
  base: readonly BaseForecast[],
  sums: readonly Node[],
  count: number,
  half: number,
  early: readonly Float64Array[],
  late: readonly Float64Array[],
): RolledForecasts[] {
  if (half === 0 || half === count)
    return sumsUp(
      base.map(({ windows }) => windows),
      sums,
    );
  const [byEarly, byLate] = [mint(sums, early), mint(sums, late)];
  return reconciledRows(
    base.map(({ windows }) => windows),
    sums,
    (window) => (window < half ? byLate : byEarly),
  );
}

function sumsUp(rows: readonly RolledForecasts[], sums: readonly Node[]): RolledForecasts[] {
  return reconciledRows(rows, sums, () => bottomUp);
}

/** Reconciles paths, window by window and step by step. */
function reconciledRows(
  rows: readonly RolledForecasts[],
  sums: readonly Node[],
  reconcilerOf: (window: number) => Reconciler,
): RolledForecasts[] {
  const made = rows.map((windows) => windows.map((path) => new Array<number>(path.length).fill(0)));
  const ofSums = new Float64Array(sums.length);
  const ofPairs = new Float64Array(rows.length - sums.length);
  for (let window = 0; window < Number(rows[0]?.length); window++) {
    const reconcile = reconcilerOf(window);
    for (let step = 0; step < MAX_HORIZON; step++) {
      rows.forEach((windows, series) => {
        const value = Number(windows[window]?.[step]);
        if (series < sums.length) ofSums[series] = value;
        else ofPairs[series - sums.length] = value;
      });
      const pairs = reconcile(ofSums, ofPairs);
      made.forEach((windows, series) => {
        const sum = sums[series];
        const path = windows[window];
        if (path) path[step] = sum ? sumOver(sum, pairs) : Number(pairs[series - sums.length]);
      });
    }
  }
  return made;
}

function methodAccuracy(
  method: Reconciliation,
  base: readonly BaseForecast[],
  windows: readonly RolledForecasts[],
  origins: readonly number[],
  judged: number,
): ReconciliationAccuracy {
  const scores = base.map(({ node, units }, series) => ({
    level: node.level,
    rmsse:
      judged === 0 ? null : rmsseOf(units, origins.slice(-judged), (windows[series] ?? []).slice(-judged)),
  }));
  const levels = FORECAST_LEVELS.map((level) => ({
    level,
    rmsse: mean(scores.flatMap((score) => (score.level === level ? [score.rmsse] : []))),
  }));
  return { method, levels, mean: mean(levels.map(({ rmsse }) => rmsse)) };
}

function rmsseOf(
  units: readonly number[],
  origins: readonly number[],
  windows: RolledForecasts,
): number | null {
  return accuracy(units, origins, windows).rmsse;
}

function mean(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null);
  return known.length === 0 ? null : known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** The method with the lower error; bottom-up, which is simpler, if they are equal or can't be compared. */
function better(accuracies: readonly ReconciliationAccuracy[]): Reconciliation {
  const errorOf = (method: Reconciliation): number =>
    accuracies.find((one) => one.method === method)?.mean ?? Number.POSITIVE_INFINITY;
  return errorOf('mint') < errorOf('bottom_up') ? 'mint' : 'bottom_up';
}

/** The reconciled windows of a series' own origins; where it has hardly any on the hierarchy's days, its own forecasts. */
function ownWindows(
  { past, units, model }: BaseForecast,
  reconciled: RolledForecasts,
  origins: readonly number[],
): RolledForecasts {
  const launch = units.length - past.series.length;
  const rows = past.origins.flatMap((origin) => {
    const row = reconciled[origins.indexOf(origin + launch)];
    return row === undefined ? [] : [row];
  });
  const isComplete = rows.length === past.origins.length && rows.length >= FEWEST_WINDOWS;
  return isComplete ? rows : modelBacktest(past.models, model).forecasts;
}
