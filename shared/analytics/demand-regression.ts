/**
 * What price and promotion do to a product's demand, other things equal: a regression with effects of store and month,
 * weekday and weather.
 *
 *     ln units = (store × month) + weekday + weather + promotion + elasticity · ln(net price)
 *
 * A constant-elasticity demand model (Wooldridge, "Introductory Econometrics", 2.4) with the effects of store and month
 * absorbed by the within transformation (ibid., 14.1). Price tags last for weeks and the level of a store drifts, so errors
 * are correlated: standard errors are the cluster jackknife (CV3), clusters being the months of a store, tested by t with
 * one degree of freedom less than clusters. MacKinnon, Nielsen & Webb, "Cluster-robust inference: a guide to empirical
 * practice" (Journal of Econometrics 232(2), 2023), section 4: unlike CV1 its intervals hold with few clusters.
 */

import { roundDecimal } from '../forecast/numerics.ts';
import { isSoldOut, type ProductSale } from './product-sale.ts';
import { type Interval, roundInterval, type TTest, tTest } from './student-t.ts';

/** A coefficient with its uncertainty. */
export interface Effect {
  /** On ln units. */
  readonly estimate: number;
  readonly standardError: number;
  readonly test: TTest;
}

/** The effects of price and promotion on a product's demand. */
export interface DemandRegression {
  /** Per cent that units change by when the net price rises by one per cent; null if the data can't tell. */
  readonly elasticity: Effect | null;
  /** Change of ln units on rows marked as promoted; null if the data can't tell. */
  readonly promotion: Effect | null;
  /** Sales that the model was fitted to: those with units, a net price above 0, and stock left at the end of the day. */
  readonly records: number;
  /** Months of a store, each with a level of its own. */
  readonly clusters: number;
}

/** What the regression controls for, as answers name it. */
export const EFFECTS = ['store and month', 'weekday', 'weather', 'promotion'] as const;
/** How its standard errors are made, as answers name it. */
export const ERRORS = 'cluster-robust by store and month (jackknife)';

/** Pivots below this share of their column's own variation are rounding: the columns before explain it, or it never varies. */
const LEAST_PIVOT = 1e-9;
const FEWEST_CLUSTERS = 3;
const DAY_MS = 86_400_000;
const WEEKDAYS = 7;

/** X'X, row by row, and X'y of the rows of a cluster, around the cluster's means. */
interface Moments {
  readonly xx: Float64Array;
  readonly xy: Float64Array;
}

/** The rows of a design matrix, each with ln units at its end, one after the other. */
interface Design {
  readonly columns: number;
  /** Fills in the row of a sale from an index on; the array has zeros there. */
  fill(rows: Float64Array, start: number, sale: ProductSale): void;
}

/**
 * Fits the model.
 *
 * @param sales of one product
 */
export function demandRegression(sales: readonly ProductSale[]): DemandRegression {
  const sold = sales.filter((sale) => sale.units > 0 && netPrice(sale) > 0 && !isSoldOut(sale));
  const design = designOf(sold);
  const clusters = [...Map.groupBy(sold, ({ storeId, date }) => `${date.slice(0, 7)} ${storeId}`).values()];
  const moments = clusters.map((members) => momentsOf(members, design));
  const effects = effectsOf(moments);
  return {
    elasticity: effects[1] ?? null,
    promotion: effects[0] ?? null,
    records: sold.length,
    clusters: clusters.length,
  };
}

/** What the customer paid; the list price where no discount is known. */
function netPrice({ price, discount }: Pick<ProductSale, 'price' | 'discount'>): number {
  return price * (1 - (discount ?? 0) / 100);
}

/** Promotion and price are the last regressors, so that they yield to the controls. */
function designOf(sales: readonly ProductSale[]): Design {
  const [, ...weathers] = new Set(sales.map(({ weather }) => weather));
  const weatherColumns = new Map(weathers.map((weather, index) => [weather, WEEKDAYS - 1 + index]));
  const weekdayOf = weekdays();
  const promotion = WEEKDAYS - 1 + weathers.length;
  return {
    columns: promotion + 3,
    fill(rows, start, sale) {
      const weekday = weekdayOf(sale.date);
      if (weekday > 0) rows[start + weekday - 1] = 1;
      const weather = weatherColumns.get(sale.weather);
      if (weather !== undefined) rows[start + weather] = 1;
      rows[start + promotion] = Number(sale.isPromoted);
      rows[start + promotion + 1] = Math.log(netPrice(sale));
      rows[start + promotion + 2] = Math.log(sale.units);
    },
  };
}

/** The weekday of a date, 0 to 6. All stores sell on the same dates, so each is parsed once. */
function weekdays(): (date: string) => number {
  const known = new Map<string, number>();
  return (date) => {
    const found = known.get(date) ?? (Date.parse(date) / DAY_MS) % WEEKDAYS;
    known.set(date, found);
    return found;
  };
}

function momentsOf(sales: readonly ProductSale[], { columns, fill }: Design): Moments {
  const rows = new Float64Array(sales.length * columns);
  sales.forEach((sale, index) => {
    fill(rows, index * columns, sale);
  });
  centre(rows, columns);
  const width = columns - 1;
  const moments = emptyMoments(width);
  const { xx, xy } = moments;
  for (let start = 0; start < rows.length; start += columns) {
    const y = Number(rows[start + width]);
    for (let i = 0; i < width; i++) {
      const x = Number(rows[start + i]);
      for (let j = 0; j <= i; j++)
        xx[i * width + j] = Number(xx[i * width + j]) + x * Number(rows[start + j]);
      xy[i] = Number(xy[i]) + x * y;
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) xx[j * width + i] = Number(xx[i * width + j]);
  }
  return moments;
}

/** Replaces the values of rows by their deviations from the column's mean. */
function centre(rows: Float64Array, columns: number): void {
  for (let column = 0; column < columns; column++) {
    let sum = 0;
    for (let at = column; at < rows.length; at += columns) sum += Number(rows[at]);
    const mean = sum / (rows.length / columns);
    for (let at = column; at < rows.length; at += columns) rows[at] = Number(rows[at]) - mean;
  }
}

function emptyMoments(width: number): Moments {
  return { xx: new Float64Array(width * width), xy: new Float64Array(width) };
}

/** The last two coefficients: promotion and price. Null where the data, or the data without some cluster, can't tell. */
function effectsOf(moments: readonly Moments[]): (Effect | null)[] {
  if (moments.length < FEWEST_CLUSTERS) return [];
  const all = moments.reduce((sum, each) => combined(sum, each, 1), emptyMoments(moments[0]?.xy.length ?? 0));
  const estimates = lastCoefficients(all);
  const without = moments.map((each) => lastCoefficients(combined(all, each, -1)));
  return estimates.map((estimate, index) => {
    const replicates = without.map((coefficients) => coefficients[index] ?? null);
    return effectOf(estimate, replicates);
  });
}

function combined(a: Moments, b: Moments, sign: 1 | -1): Moments {
  return { xx: sumOf(a.xx, b.xx, sign), xy: sumOf(a.xy, b.xy, sign) };
}

function sumOf(a: Float64Array, b: Float64Array, sign: 1 | -1): Float64Array {
  const sums = new Float64Array(a.length);
  for (let i = 0; i < sums.length; i++) sums[i] = Number(a[i]) + sign * Number(b[i]);
  return sums;
}

/** The jackknife: how much the estimate moves when each cluster is left out. */
function effectOf(estimate: number | null, replicates: readonly (number | null)[]): Effect | null {
  if (estimate === null) return null;
  let squares = 0;
  for (const replicate of replicates) {
    if (replicate === null) return null;
    squares += (replicate - estimate) ** 2;
  }
  const count = replicates.length;
  const standardError = Math.sqrt(((count - 1) / count) * squares);
  if (!(standardError > 0)) return null;
  return { estimate, standardError, test: tTest(estimate, standardError, count - 1) };
}

/**
 * Solves X'X b = X'y for the last two coefficients by elimination; null for a column that those before it explain.
 */
function lastCoefficients({ xx, xy }: Moments): (number | null)[] {
  const width = xy.length;
  const a = xx.slice();
  const b = xy.slice();
  const at = (row: number, column: number): number => Number(a[row * width + column]);
  const isKept = (k: number): boolean => at(k, k) > LEAST_PIVOT * Math.max(Number(xx[k * width + k]), 1);
  for (let k = 0; k < width; k++) {
    if (!isKept(k)) continue;
    for (let i = k + 1; i < width; i++) {
      const factor = at(i, k) / at(k, k);
      if (factor === 0) continue;
      for (let j = k; j < width; j++) a[i * width + j] = at(i, j) - factor * at(k, j);
      b[i] = Number(b[i]) - factor * Number(b[k]);
    }
  }
  const [promotion, price] = [width - 2, width - 1];
  const elasticity = isKept(price) ? Number(b[price]) / at(price, price) : null;
  const rest = Number(b[promotion]) - at(promotion, price) * (elasticity ?? 0);
  return [isKept(promotion) ? rest / at(promotion, promotion) : null, elasticity];
}

/** A coefficient of the regression on the scale of the answer: the elasticity itself, or per cent of units. */
export interface EffectFigures {
  readonly estimate: number;
  readonly interval: Interval;
}

/** The promotion's effect in per cent of units, rounded; null if the data can't tell. */
export function promotionPercent({ promotion }: DemandRegression): EffectFigures | null {
  if (promotion === null) return null;
  const { low, high } = promotion.test.interval95;
  return {
    estimate: roundDecimal(percentOf(promotion.estimate), 1),
    interval: roundInterval({ low: percentOf(low), high: percentOf(high) }, 1),
  };
}

/**
 * A change of ln units in per cent of units.
 *
 * @param change of ln units; 0.1 is about 10.5 %
 */
function percentOf(change: number): number {
  return 100 * Math.expm1(change);
}

/** What the interval of the elasticity says, in one sentence. */
export function priceVerdict(fit: DemandRegression): string {
  const { elasticity } = fit;
  if (elasticity === null)
    return cannotTell(fit, 'the price has varied too little within each store and month');
  const { low, high } = elasticity.test.interval95;
  const size = Math.abs(elasticity.estimate).toFixed(1);
  if (low > 0)
    return `Demand rises by about ${size} % for each per cent of price; look for what else changed with it.`;
  if (high >= 0) return 'Can’t tell yet whether the price changes demand.';
  const falls = `Demand falls by about ${size} % for each per cent of price`;
  if (high < -1) return `${falls}; a cut pays in revenue.`;
  if (low > -1) return `${falls}; a cut doesn’t pay in revenue.`;
  return `${falls}; can’t tell yet whether a cut pays in revenue.`;
}

/** What the interval of the promotion's effect says, in one sentence. */
export function promotionVerdict(fit: DemandRegression): string {
  const effect = promotionPercent(fit);
  if (effect === null) {
    return cannotTell(fit, 'promotions have varied too little within each store and month');
  }
  const { estimate, interval } = effect;
  const size = `about ${Math.abs(estimate).toFixed(0)} %`;
  if (interval.low > 0) return `A promotion raises demand by ${size} at the same price.`;
  if (interval.high >= 0) return 'Can’t tell yet whether a promotion changes demand.';
  return `A promotion lowers demand by ${size} at the same price; look for what else changed with it.`;
}

/** @param variation what the data lack if there are enough sales */
function cannotTell({ records, clusters }: DemandRegression, variation: string): string {
  if (records === 0) return 'Can’t tell yet: there is no sale at a known price that left stock on the shelf.';
  if (clusters < FEWEST_CLUSTERS) return 'Can’t tell yet: there are sales of too few months and stores.';
  return `Can’t tell yet: ${variation}.`;
}
