/**
 * The forecasts of a run as its days are played: each evening the next day of every pair of store and product, of every store,
 * every product and the total, and how the forecasts of the days so far turned out. Forecasts of sums are the sums of those of
 * their pairs, so all levels agree; their intervals come from their own errors.
 */

import { atLeast } from './demand-day.ts';
import { WEEK } from './models/forecast-model.ts';
import {
  type NextDay,
  RUNNING_LEVELS,
  type RunningForecast,
  type RunningIntervals,
  runningForecast,
  runningIntervals,
} from './running-forecast.ts';

/** Levels, in the order of an evening's series. */
const [PAIRS, STORES, PRODUCTS, TOTAL] = [0, 1, 2, 3] as const;

/** Of the tracking signal: Trigg's own. */
const TRACKING_RATE = 0.1;
/** An evening's text stays below this; about 1,000 series fit. */
const EVENING_BYTES = 100_000;
/** A series' text beside its ids, at most, while units have up to seven digits. */
const SERIES_BYTES = 75;

/** What one pair sold on a day. */
export interface PairDay {
  readonly store_id: string;
  readonly product_id: string;
  readonly units: number;
  /** Whether all of the stock was sold, so that demand may have been higher. */
  readonly soldOut: boolean;
  /** The data set's own forecast of the day; null if it has none. */
  readonly plan: number | null;
}

/** A forecast of a pair, of a store (no product), of a product (no store) or of everything (neither). */
export interface SeriesForecast extends NextDay {
  readonly store_id: string | null;
  readonly product_id: string | null;
}

/**
 * Sums over the forecasts of pairs whose days have been played, sold-out ones left out: what more would have been sold is not
 * known. All figures of an accuracy follow from them.
 */
export interface RunScore {
  /** Pair-days with a forecast. */
  readonly forecasts: number;
  /** Pair-days left out because they sold out. */
  readonly soldOut: number;
  readonly units: number;
  readonly error: number;
  readonly absoluteError: number;
  /** By level of {@link RUNNING_LEVELS}: pair-days whose interval held. */
  readonly held: readonly number[];
  /** Absolute error of "as a week ago". */
  readonly naiveError: number;
  /** Absolute error of the data set's own forecast where it has one, and the units sold there. */
  readonly planError: number;
  readonly planUnits: number;
  /** Smoothed error (actual − forecast) of the day's total, and its smoothed size. */
  readonly smoothedError: number;
  readonly smoothedSize: number;
}

export const NO_SCORE: RunScore = {
  forecasts: 0,
  soldOut: 0,
  units: 0,
  error: 0,
  absoluteError: 0,
  held: RUNNING_LEVELS.map(() => 0),
  naiveError: 0,
  planError: 0,
  planUnits: 0,
  smoothedError: 0,
  smoothedSize: 0,
};

/** What is known on the evening before a day: its forecasts, and how those of the days before turned out. */
export interface Evening {
  /**
   * Pairs, stores, products, the total; ascending by ids. Empty before two weeks are known. Levels that don't fit are left out:
   * pairs first, then products, then stores.
   */
  readonly forecasts: readonly SeriesForecast[];
  readonly score: RunScore;
}

export interface RunForecasts {
  /** The forecasts of the next day, made from the days so far. */
  evening(): Evening;
  /** Plays the next day. Pairs without sales that day sold nothing. */
  learn(day: readonly PairDay[]): void;
}

interface Pair {
  readonly store_id: string;
  readonly product_id: string;
  readonly forecast: RunningForecast;
  readonly intervals: RunningIntervals;
  /** Estimated demand of the last week, the oldest first. */
  readonly lastWeek: number[];
}

/** Starts before the first day. */
export function runForecasts(): RunForecasts {
  const pairs = new Map<string, Pair>();
  const sums = new Map<string, RunningIntervals>();
  let score = NO_SCORE;

  function expected(): { pair: Pair; units: number }[] {
    return [...pairs.values()].flatMap((pair) => {
      const units = pair.forecast.next();
      return units === null ? [] : [{ pair, units }];
    });
  }

  return {
    evening() {
      const items = expected();
      const ofPairs = items.map(({ pair: { store_id, product_id, intervals }, units }) => {
        return { store_id, product_id, units, intervals: intervals.around(units) };
      });
      const ofSums = [...sumsOf(items.map(({ pair, units }) => ({ ...pair, units }))).values()].map(
        (sum) => ({
          ...sum,
          intervals: intervalsOf(sums, sum).around(sum.units),
        }),
      );
      return { forecasts: levelsThatFit([...ofPairs, ...ofSums]).sort(byIds), score };
    },
    learn(day) {
      const sold = new Map(day.map((one) => [keyOf(one), one]));
      const items = expected();
      score = judged(score, items, sold);
      const actuals = new Map<string, number>();
      for (const { pair, units } of items) actuals.set(keyOf(pair), demandOf(sold.get(keyOf(pair)), units));
      learnSums(sums, items, actuals);
      for (const { pair, units } of items) pair.intervals.learn(units, Number(actuals.get(keyOf(pair))));
      for (const one of day) {
        // Zeros before a launch say nothing about demand.
        if (!pairs.has(keyOf(one)) && one.units > 0) pairs.set(keyOf(one), newPair(one));
      }
      for (const [key, pair] of pairs) {
        const units = actuals.get(key) ?? sold.get(key)?.units ?? 0;
        pair.forecast.learn(units);
        pair.lastWeek.push(units);
        if (pair.lastWeek.length > WEEK) pair.lastWeek.shift();
      }
    },
  };
}

function newPair({ store_id, product_id }: PairDay): Pair {
  return {
    store_id,
    product_id,
    forecast: runningForecast(),
    intervals: runningIntervals(),
    lastWeek: [],
  };
}

/** A day's demand: what was sold, or what is expected given that at least so much was wanted. */
function demandOf(sold: PairDay | undefined, forecast: number): number {
  if (sold === undefined) return 0;
  return sold.soldOut ? atLeast(sold.units, forecast, FORECAST_DEVIATION * forecast) : sold.units;
}

/** Usual deviation of a pair's demand from its forecast, as a share of it. */
const FORECAST_DEVIATION = 0.25;

function learnSums(
  sums: Map<string, RunningIntervals>,
  items: readonly { pair: Pair; units: number }[],
  actuals: ReadonlyMap<string, number>,
): void {
  const forecasts = sumsOf(items.map(({ pair, units }) => ({ ...pair, units })));
  const demands = sumsOf(items.map(({ pair }) => ({ ...pair, units: Number(actuals.get(keyOf(pair))) })));
  for (const [key, sum] of forecasts)
    intervalsOf(sums, sum).learn(sum.units, Number(demands.get(key)?.units));
}

function intervalsOf(sums: Map<string, RunningIntervals>, of: SumKey): RunningIntervals {
  const known = sums.get(keyOf(of)) ?? runningIntervals();
  sums.set(keyOf(of), known);
  return known;
}

interface SumKey {
  readonly store_id: string | null;
  readonly product_id: string | null;
}

/** The sums of pairs by store, by product and over all. */
function sumsOf(
  pairs: readonly { readonly store_id: string; readonly product_id: string; readonly units: number }[],
) {
  const sums = new Map<string, SumKey & { units: number }>();
  for (const { store_id, product_id, units } of pairs) {
    for (const of of [
      { store_id, product_id: null },
      { store_id: null, product_id },
      { store_id: null, product_id: null },
    ]) {
      const sum = sums.get(keyOf(of)) ?? { ...of, units: 0 };
      sum.units += units;
      sums.set(keyOf(of), sum);
    }
  }
  return sums;
}

/** Adds one day to a score. */
function judged(
  score: RunScore,
  items: readonly { pair: Pair; units: number }[],
  sold: ReadonlyMap<string, PairDay>,
): RunScore {
  if (items.length === 0) return score;
  const sums = { ...score, held: [...score.held] };
  let total = 0;
  for (const { pair, units: forecast } of items) {
    const day = sold.get(keyOf(pair));
    if (day?.soldOut) {
      sums.soldOut += 1;
      continue;
    }
    const actual = day?.units ?? 0;
    sums.forecasts += 1;
    sums.units += actual;
    sums.error += forecast - actual;
    sums.absoluteError += Math.abs(forecast - actual);
    sums.naiveError += Math.abs(Number(pair.lastWeek[0]) - actual);
    if (day && day.plan !== null) {
      sums.planError += Math.abs(day.plan - actual);
      sums.planUnits += actual;
    }
    total += actual - forecast;
    pair.intervals.around(forecast).forEach(({ lower, upper }, index) => {
      sums.held[index] = Number(sums.held[index]) + Number(lower <= actual && actual <= upper);
    });
  }
  sums.smoothedError += TRACKING_RATE * (total - score.smoothedError);
  sums.smoothedSize += TRACKING_RATE * (Math.abs(total) - score.smoothedSize);
  return sums;
}

/** The measures of a run's forecasts; null before the first was judged. */
export interface RunAccuracy {
  /** Sum of absolute errors as a share of the units sold, in per cent. */
  readonly wape: number | null;
  /** Sum of forecast − actual as a share of the units sold, in per cent. */
  readonly bias_pct: number | null;
  readonly coverage: readonly { readonly level: number; readonly covered_pct: number | null }[];
  /**
   * Smoothed actual − forecast of the day's total over its smoothed size, −1 … 1: near 1 the forecasts of the last weeks were
   * too low day after day (Trigg, "Monitoring a forecasting system", Operational Research Quarterly 15(3), 1964).
   */
  readonly tracking_signal: number | null;
  readonly seasonal_naive_wape: number | null;
  readonly plan_wape: number | null;
}

/** The accuracy that the sums of a run amount to. */
export function accuracyOf(score: RunScore): RunAccuracy {
  const share = (sum: number, of: number): number | null => (of > 0 ? (100 * sum) / of : null);
  return {
    wape: share(score.absoluteError, score.units),
    bias_pct: share(score.error, score.units),
    coverage: RUNNING_LEVELS.map((level, index) => ({
      level,
      covered_pct: share(Number(score.held[index]), score.forecasts),
    })),
    tracking_signal: score.smoothedSize > 0 ? score.smoothedError / score.smoothedSize : null,
    seasonal_naive_wape: share(score.naiveError, score.units),
    plan_wape: share(score.planError, score.planUnits),
  };
}

/** Ids may contain spaces, but no unit separator. */
function keyOf({ store_id, product_id }: SumKey): string {
  return `${store_id ?? ''}\u001f${product_id ?? ''}`;
}

/** Whole levels from the total downwards. Only ids decide, so that a level doesn't come and go with the units. */
function levelsThatFit(forecasts: readonly SeriesForecast[]): SeriesForecast[] {
  const levels = Map.groupBy(forecasts, rank);
  const kept: SeriesForecast[][] = [];
  let bytes = 0;
  for (const level of [TOTAL, STORES, PRODUCTS, PAIRS]) {
    const series = levels.get(level) ?? [];
    bytes += series.reduce((sum, one) => sum + SERIES_BYTES + Buffer.byteLength(keyOf(one)), 0);
    if (bytes > EVENING_BYTES) break;
    kept.push(series);
  }
  return kept.flat();
}

/** Pairs by store and product, then stores, products, and the total. */
function byIds(a: SumKey, b: SumKey): number {
  return rank(a) - rank(b) || compare(keyOf(a), keyOf(b));
}

function rank({ store_id, product_id }: SumKey): number {
  if (store_id !== null && product_id !== null) return PAIRS;
  if (store_id !== null) return STORES;
  return product_id !== null ? PRODUCTS : TOTAL;
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
