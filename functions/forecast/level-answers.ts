/** Answers of a store, a product, everything or a pair: agreeing with all others, or of the sum alone. */

import { HttpProblem } from '../../shared/api/errors.ts';
import type { ForecastQuery, RequestedLevel } from '../../shared/api/forecast.ts';
import type { ForecastLevel, Reconciliation } from '../../shared/api/forecast-models.ts';
import { describedForecast, forecastSeries, stepsOf } from '../../shared/forecast/demand-forecast.ts';
import {
  type AnswerStep,
  answerOf,
  answerStep,
  type ForecastAnswer,
} from '../../shared/forecast/forecast-answer.ts';
import { roundDecimal } from '../../shared/forecast/numerics.ts';
import { sumOver } from '../../shared/forecast/reconciliation/hierarchy.ts';
import {
  forecastLevels,
  type LevelForecast,
  type LevelForecasts,
  type LevelRequest,
} from '../../shared/forecast/reconciliation/level-forecasts.ts';
import { type Pair, type ProductSales, pairsUpTo } from './level-pairs.ts';

/** An answer of a level, with what it is the sum of. */
export interface LevelAnswer extends ForecastAnswer {
  readonly level: ForecastLevel;
  readonly reconciliation: Reconciliation;
  readonly reconciliation_backtest: {
    readonly windows: number;
    readonly methods: readonly {
      readonly method: Reconciliation;
      readonly rmsse: number | null;
      readonly levels: readonly { readonly level: ForecastLevel; readonly rmsse: number | null }[];
    }[];
  };
  readonly series: readonly {
    readonly level: ForecastLevel;
    readonly store_id: string | null;
    readonly product_id: string | null;
    readonly model: ForecastAnswer['model'];
    readonly forecast: readonly AnswerStep[];
  }[];
}

/** The answer of a sum that is forecast for itself. */
export interface SumAnswer extends ForecastAnswer {
  readonly level: ForecastLevel;
  readonly reconciliation: null;
}

export interface Hierarchy extends LevelForecasts {
  readonly pairs: readonly Pair[];
  /** Rounded to hundredths, sums being those of the rounded pairs, so that all levels agree to the cent. */
  readonly paths: readonly (readonly number[])[];
  readonly lastDate: string;
}

export type LevelQuery = Omit<ForecastQuery, 'level'> & { readonly level: RequestedLevel };

/**
 * Forecasts the sum of a store, a product or everything as one series, without its parts.
 *
 * @param cutoff The last date of history that counts; null for all.
 * @throws HttpProblem `not_found` if no pair belongs to the sum.
 */
export function sumAnswer(
  products: readonly ProductSales[],
  cutoff: string | null,
  query: LevelQuery,
): SumAnswer {
  const { store_id: storeId, product_id: productId, horizon, model } = query;
  const { name: level = 'item', percents: levels } = query.level;
  const { pairs, lastDate } = pairsUpTo(products, cutoff);
  const parts = pairs.filter(
    (pair) =>
      (level !== 'store' || pair.storeId === storeId) &&
      (level !== 'product' || pair.productId === productId),
  );
  if (parts.length === 0) throw unknownSeries(level, query);
  const forecast = forecastSeries(totalOf(parts.map(({ units }) => units)), { horizon, levels, model });
  const subject = {
    store_id: level === 'store' ? (storeId ?? null) : null,
    product_id: level === 'product' ? (productId ?? null) : null,
    analysis_up_to_day: cutoff ?? 'all',
  };
  const sold = { series: totalOf(parts.map((pair) => pair.sold)), lastDate, plan: undefined };
  return {
    ...answerOf(subject, { ...forecast, excluded: NO_PRICE_OF_SUMS }, sold, {
      horizon,
      levels,
      history: query.history,
    }),
    level,
    reconciliation: null,
  };
}

/** The sum of series of the same days, day by day. */
function totalOf([first = [], ...others]: readonly (readonly number[])[]): number[] {
  return first.map((units, day) => others.reduce((sum, series) => sum + Number(series[day]), units));
}

/**
 * Forecasts every pair of the given products and the sums over them, so that all levels agree.
 *
 * @param cutoff The last date of history that counts; null for all.
 * @returns The forecasts of all levels, their paths rounded to hundredths.
 */
export function hierarchyOf(
  products: readonly ProductSales[],
  cutoff: string | null,
  request: LevelRequest,
): Hierarchy {
  const { pairs, lastDate } = pairsUpTo(products, cutoff);
  const levels = forecastLevels(pairs, request);
  const rounded = levels.forecasts
    .filter(({ level }) => level === 'item')
    .map(({ path }) => path.map((units) => roundDecimal(units, 2)));
  const paths = levels.forecasts.map((one) =>
    one.path.map((_, step) => {
      const ofStep = rounded.map((path) => Number(path[step]));
      return roundDecimal(sumOver(one, ofStep), 2);
    }),
  );
  return { ...levels, pairs, paths, lastDate };
}

/**
 * Picks the forecast of one series from a hierarchy that has been computed.
 *
 * @param upTo The day up to which history counts, as the answer shows it.
 * @throws HttpProblem `not_found` if the hierarchy has no such series.
 */
export function answerFor(hierarchy: Hierarchy, query: LevelQuery, upTo: string): LevelAnswer {
  const { forecasts, pairs, lastDate } = hierarchy;
  const { store_id: storeId, product_id: productId, horizon } = query;
  const { name: level = 'item', percents: levels } = query.level;
  const index = forecasts.findIndex(
    (one) =>
      one.level === level &&
      (one.storeId === null || one.storeId === storeId) &&
      (one.productId === null || one.productId === productId),
  );
  const asked = forecasts[index];
  if (asked === undefined) throw unknownSeries(level, query);
  const path = pathOf(hierarchy, index, horizon);
  const described = describedForecast(asked.past, { ...asked, path }, levels);
  const forecast = level === 'item' ? described : { ...described, excluded: NO_PRICE_OF_SUMS };
  const series = pairs[0]?.sold.map((_, day) => {
    return sumOver(
      asked,
      pairs.map(({ sold }) => Number(sold[day])),
    );
  });
  const plan = asked.past.plan;
  const related = forecasts.flatMap((one, at) => (belongs(one, asked) ? [at] : []));
  return {
    ...answerOf(
      { store_id: asked.storeId, product_id: asked.productId, analysis_up_to_day: upTo },
      forecast,
      { series: series ?? [], lastDate, plan },
      { horizon, levels, history: query.history },
    ),
    level,
    reconciliation: hierarchy.method,
    reconciliation_backtest: comparisonOf(hierarchy),
    series: related.flatMap((at) => seriesOf(hierarchy, at, { horizon, levels })),
  };
}

const NO_PRICE_OF_SUMS = [
  { model: 'regression', reason: 'A sum of several series has no price of its own.' },
] as const;

/** Whether a series is the one asked for or a part of it; of everything, every series is one. */
function belongs(one: LevelForecast, asked: LevelForecast): boolean {
  if (one === asked || asked.level === 'all') return true;
  return one.level === 'item' && one.pairs.every((pair) => asked.pairs.includes(pair));
}

function seriesOf(
  hierarchy: Hierarchy,
  index: number,
  { horizon, levels }: { horizon: number; levels: readonly number[] },
): LevelAnswer['series'] {
  const one = hierarchy.forecasts[index];
  if (one === undefined) return [];
  const steps = stepsOf(pathOf(hierarchy, index, horizon), levels, one.past, one.windows);
  return [
    {
      level: one.level,
      store_id: one.storeId,
      product_id: one.productId,
      model: one.model,
      forecast: steps.map((step) => answerStep(step, hierarchy.lastDate)),
    },
  ];
}

/** The forecast that intervals are put around: that of a pair unrounded, as in an answer of the pair alone. */
function pathOf({ forecasts, paths }: Hierarchy, index: number, horizon: number): readonly number[] {
  const one = forecasts[index];
  return ((one?.level === 'item' ? one.path : paths[index]) ?? []).slice(0, horizon);
}

function comparisonOf({ windows, accuracy }: Hierarchy): LevelAnswer['reconciliation_backtest'] {
  const rounded = (value: number | null): number | null => (value === null ? null : roundDecimal(value, 4));
  return {
    windows,
    methods: accuracy.map(({ method, mean, levels }) => ({
      method,
      rmsse: rounded(mean),
      levels: levels.map(({ level, rmsse }) => ({ level, rmsse: rounded(rmsse) })),
    })),
  };
}

function unknownSeries(level: ForecastLevel, { store_id, product_id }: LevelQuery): HttpProblem {
  const store = level === 'product' ? '' : ` store=${store_id}`;
  const product = level === 'store' ? '' : ` product=${product_id}`;
  return new HttpProblem('not_found', `No data found for${store}${product}`);
}
