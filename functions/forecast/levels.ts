import { type ProductSale, salesUpTo } from '../../shared/analytics/product-sale.ts';
import { HttpProblem } from '../../shared/api/errors.ts';
import type { ForecastQuery, RequestedLevel } from '../../shared/api/forecast.ts';
import { type ForecastLevel, MAX_PAIRS, type Reconciliation } from '../../shared/api/forecast-models.ts';
import { type BoundedCache, boundedCache } from '../../shared/bounded-cache.ts';
import { demandSeries } from '../../shared/forecast/censored-demand.ts';
import { dailySeries, daysBetween } from '../../shared/forecast/demand-day.ts';
import {
  describedForecast,
  forecastDemand,
  MIN_FORECAST_DAYS,
  stepsOf,
} from '../../shared/forecast/demand-forecast.ts';
import {
  type AnswerStep,
  answerOf,
  answerStep,
  type ForecastAnswer,
} from '../../shared/forecast/forecast-answer.ts';
import { roundDecimal } from '../../shared/forecast/numerics.ts';
import { dailyOffers } from '../../shared/forecast/offers.ts';
import { type PairSeries, sumOver } from '../../shared/forecast/reconciliation/hierarchy.ts';
import {
  forecastLevels,
  type LevelForecast,
  type LevelForecasts,
  type LevelRequest,
} from '../../shared/forecast/reconciliation/level-forecasts.ts';
import type { DataSet } from '../../shared/history/data-set.ts';
import type { HistoryReader } from '../../shared/history/product-history.ts';
import {
  type CurrentDaySource,
  currentDate,
  dateOfDay,
  storeHistory,
  storeOffers,
  tooFewDays,
} from '../../shared/history/scope.ts';
import { type CountPairs, requireFewPairs } from './pair-limit.ts';

/** The data that forecasts of all levels are made from. */
export interface LevelSources {
  readonly history: HistoryReader;
  readonly store: CurrentDaySource;
  /** The data set's products, ascending. */
  readonly readProducts: () => Promise<readonly string[]>;
  readonly countPairs: CountPairs;
}

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

/** Cached answers of sums, about 10 KB each. */
const KEPT_SUMS = 100;

/** Days of pairs in cached hierarchies, 73,100 are about 10 MB: a few days, models or methods of a data set of that size. */
const KEPT_DAYS = 300_000;

const REMEDY =
  'All levels are forecast together so that they agree: leave the name of the level out and ask for one product in one store.';

/** A pair with what it sold, as answers show it; demand of sold-out days is estimated. */
interface Pair extends PairSeries {
  readonly sold: readonly number[];
}

/** A product's sales, ascending by date. */
interface ProductSales {
  readonly id: string;
  readonly sales: readonly ProductSale[];
}

interface Hierarchy extends LevelForecasts {
  readonly pairs: readonly Pair[];
  /** Rounded to hundredths, sums being those of the rounded pairs, so that all levels agree to the cent. */
  readonly paths: readonly (readonly number[])[];
  readonly lastDate: string;
}

type LevelQuery = Omit<ForecastQuery, 'level'> & { readonly level: RequestedLevel };

/** Forecasts any level so that it agrees with the others; all are computed at once and cached by data set and day. */
export function levelReader({ history, store, readProducts, countPairs }: LevelSources) {
  const cache = boundedCache<Hierarchy>(KEPT_DAYS);
  const sums = boundedCache<SumAnswer>(KEPT_SUMS);

  async function readAll(): Promise<{ dataSet: DataSet | null; products: readonly ProductSales[] }> {
    const ids = await readProducts();
    const histories = await Promise.all(ids.map((id) => history.product(id)));
    const dataSet = histories[0]?.dataSet ?? null;
    // Another data set was loaded in between.
    if (histories.some((one) => one.dataSet?.id !== dataSet?.id)) return readAll();
    return { dataSet, products: histories.map(({ sales }, index) => ({ id: ids[index] ?? '', sales })) };
  }

  async function newestDataSet(): Promise<DataSet | null> {
    const [id] = await readProducts();
    return id === undefined ? null : (await history.product(id)).dataSet;
  }

  /** What a cache has for the newest data set; computed from all histories, and kept, if it has nothing. */
  async function keptIn<Kept>(
    keeper: BoundedCache<Kept>,
    keyOf: (dataSet: DataSet | null) => string,
    compute: (products: readonly ProductSales[], dataSet: DataSet | null) => Kept,
    weightOf: (kept: Kept) => number,
  ): Promise<{ dataSet: DataSet | null; kept: Kept }> {
    const newest = await newestDataSet();
    const known = keeper.get(keyOf(newest));
    if (known !== undefined) return { dataSet: newest, kept: known };
    const { dataSet, products } = await readAll();
    const kept = compute(products, dataSet);
    keeper.set(keyOf(dataSet), kept, weightOf(kept));
    return { dataSet, kept };
  }

  /** @throws HttpProblem `invalid_day`, or `not_found` without enough history or for an unknown id. */
  return async function levelAnswer(
    query: LevelQuery,
  ): Promise<{ answer: LevelAnswer | SumAnswer; version: string | null }> {
    requireFewPairs(await countPairs(MAX_PAIRS + 1), 'query.level', REMEDY);
    const today = query.day === undefined ? await currentDate(store) : null;
    const cutoffIn = (dataSet: DataSet | null) =>
      query.day === undefined ? today : dateOfDay(dataSet, query.day);
    const versionOf = (dataSet: DataSet | null) =>
      query.day === undefined || !dataSet ? null : dataSet.sha256;
    if (query.reconciliation === 'none') {
      const { dataSet, kept } = await keptIn(
        sums,
        (of) => JSON.stringify([of?.id, cutoffIn(of), query]),
        (products, of) => sumAnswer(products, cutoffIn(of), query),
        () => 1,
      );
      return { answer: kept, version: versionOf(dataSet) };
    }
    const { model, reconciliation } = query;
    const { dataSet, kept } = await keptIn(
      cache,
      (of) => JSON.stringify([of?.id, cutoffIn(of), model, reconciliation]),
      (products, of) => hierarchyOf(products, cutoffIn(of), { model, reconciliation }),
      ({ pairs }) => pairs.length * Math.max(1, pairs[0]?.units.length ?? 0),
    );
    return { answer: answerFor(kept, query, cutoffIn(dataSet) ?? 'all'), version: versionOf(dataSet) };
  };
}

/** Forecasts the sum of a store, a product or everything for itself. */
function sumAnswer(products: readonly ProductSales[], cutoff: string | null, query: LevelQuery): SumAnswer {
  const { store_id: storeId, product_id: productId, horizon, model } = query;
  const { name: level = 'item', percents: levels } = query.level;
  const { pairs, lastDate } = pairsUpTo(products, cutoff);
  const parts = pairs.filter(
    (pair) =>
      (level !== 'store' || pair.storeId === storeId) &&
      (level !== 'product' || pair.productId === productId),
  );
  if (parts.length === 0) throw unknownSeries(level, query);
  const forecast = forecastDemand(totalOf(parts.map(({ units }) => units)), { horizon, levels, model });
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

/** The pairs up to a date, without the days before the first sale. @throws HttpProblem `not_found` with too few days. */
function pairsUpTo(
  products: readonly ProductSales[],
  cutoff: string | null,
): { readonly pairs: readonly Pair[]; readonly lastDate: string } {
  const inScope = products
    .map(({ id, sales }) => ({ id, sales: salesUpTo(sales, cutoff) }))
    .filter(({ sales }) => sales.length > 0);
  const dates = inScope.flatMap(({ sales }) => [sales[0]?.date ?? '', sales.at(-1)?.date ?? '']).sort();
  const [firstDate = ''] = dates;
  const lastDate = dates.at(-1) ?? '';
  const whole = inScope.flatMap((product) => pairsOf(product, firstDate, lastDate));
  const pairs = sinceFirstSale(whole);
  const days = pairs[0]?.units.length ?? 0;
  if (days < MIN_FORECAST_DAYS) throw tooFewDays(MIN_FORECAST_DAYS, days);
  return { pairs, lastDate };
}

function hierarchyOf(
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

/** The pairs of a product on the days from a first to a last date; a date without a row is a day without sales. */
function pairsOf({ id: productId, sales }: ProductSales, firstDate: string, lastDate: string): Pair[] {
  return [...new Set(sales.map(({ storeId }) => storeId))].sort().map((storeId) => {
    const history = storeHistory({ sales, upTo: lastDate }, storeId);
    const offers = dailyOffers(storeOffers({ sales, upTo: lastDate }, storeId));
    const before = daysBetween(firstDate, history[0]?.date ?? firstDate);
    const padded = (values: ArrayLike<number>, keepsFirst: boolean): number[] => [
      ...new Array<number>(before).fill(keepsFirst ? Number(values[0]) : 0),
      ...Array.from(values),
    ];
    return {
      storeId,
      productId,
      units: padded(demandSeries(history), false),
      sold: padded(dailySeries(history), false),
      offers: offers && {
        logPrices: Float64Array.from(padded(offers.logPrices, true)),
        promotions: Float64Array.from(padded(offers.promotions, true)),
      },
    };
  });
}

/** Without the days before the first sale of any pair, as far as enough days are left. */
function sinceFirstSale(pairs: readonly Pair[]): Pair[] {
  const days = pairs[0]?.units.length ?? 0;
  const firsts = pairs.map(({ units }) => units.findIndex((each) => each > 0)).filter((day) => day >= 0);
  const first = Math.max(Math.min(...firsts, days - MIN_FORECAST_DAYS), 0);
  return pairs.map((pair) => ({
    ...pair,
    units: pair.units.slice(first),
    sold: pair.sold.slice(first),
    offers: pair.offers && {
      logPrices: pair.offers.logPrices.slice(first),
      promotions: pair.offers.promotions.slice(first),
    },
  }));
}

function answerFor(hierarchy: Hierarchy, query: LevelQuery, upTo: string): LevelAnswer {
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
