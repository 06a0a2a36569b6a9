/**
 * The weekly season by classical decomposition (Hyndman & Athanasopoulos, "Forecasting: Principles and Practice", 3rd
 * ed., section 3.4): each weekday's mean deviation from the centred week around it.
 */

import { prefixSums } from '../moving-average.ts';
import { WEEK } from './forecast-model.ts';
import { withoutOutliers } from './outliers.ts';

/** A season that can be removed from a series and restored. */
export interface WeeklySeason {
  /** The units of a series, from its first day on, as they would be without a season. */
  remove(series: readonly number[]): Float64Array;
  /** Units of a day with its season. `index` counts days from the start of the series. */
  restore(value: number, index: number): number;
}

const HALF_WEEK = (WEEK - 1) / 2;

const NONE: WeeklySeason = { remove: (series) => Float64Array.from(series), restore: (value) => value };

/** |r| of white noise stays below 1.645/√n in nine of ten series. */
const SIGNIFICANCE = 1.645;
/** Share of a weekday's values that is trimmed at either end. */
const TRIMMED = 0.1;
/** The least factor of a weekday; below it division would magnify noise. */
const LEAST_FACTOR = 0.05;

/**
 * The season of a series: multiplicative where every value is positive, additive where not, none where the
 * autocorrelation at seven days, without the trend, is no more than noise's (the test of Assimakopoulos & Nikolopoulos,
 * 2000).
 */
export function weeklySeason(series: readonly number[]): WeeklySeason {
  if (!hasWeeklySeason(series)) return NONE;
  return series.every((value) => value > 0) ? multiplicative(series) : additive(series);
}

function hasWeeklySeason(series: readonly number[]): boolean {
  const values = withoutOutliers(series);
  const deviations = weeklyMeans(values);
  for (let i = 0; i < deviations.length; i++) {
    deviations[i] = Number(values[i + HALF_WEEK]) - Number(deviations[i]);
  }
  const correlations = autocorrelations(deviations, WEEK);
  const before = correlations.slice(0, -1).reduce((sum, r) => sum + r * r, 0);
  const limit = SIGNIFICANCE * Math.sqrt((1 + 2 * before) / series.length);
  return Number(correlations.at(-1)) > limit;
}

/** Autocorrelations at 1 … `lags` days; 0 for a constant series. Loops: this runs at every origin of a backtest. */
function autocorrelations(series: Float64Array, lags: number): number[] {
  let sum = 0;
  for (let i = 0; i < series.length; i++) sum += Number(series[i]);
  const mean = sum / series.length;
  const deviations = new Float64Array(series.length);
  let variance = 0;
  for (let i = 0; i < series.length; i++) {
    const deviation = Number(series[i]) - mean;
    deviations[i] = deviation;
    variance += deviation * deviation;
  }
  return Array.from({ length: lags }, (_, index) => {
    let covariance = 0;
    for (let i = index + 1; i < deviations.length; i++) {
      covariance += Number(deviations[i]) * Number(deviations[i - index - 1]);
    }
    return variance > 0 ? covariance / variance : 0;
  });
}

function multiplicative(series: readonly number[]): WeeklySeason {
  const factors = byWeekday(series, (value, around) => value / around);
  const mean = factors.reduce((sum, factor) => sum + factor, 0) / WEEK;
  const factorOf = Float64Array.from(factors, (factor) => Math.max(factor / mean, LEAST_FACTOR));
  return {
    remove: (series) => {
      const removed = new Float64Array(series.length);
      for (let day = 0; day < series.length; day++) {
        removed[day] = Number(series[day]) / Number(factorOf[day % WEEK]);
      }
      return removed;
    },
    restore: (value, index) => value * Number(factorOf[index % WEEK]),
  };
}

function additive(series: readonly number[]): WeeklySeason {
  const terms = byWeekday(series, (value, around) => value - around);
  const mean = terms.reduce((sum, term) => sum + term, 0) / WEEK;
  const termOf = Float64Array.from(terms, (term) => term - mean);
  return {
    remove: (series) => {
      const removed = new Float64Array(series.length);
      for (let day = 0; day < series.length; day++) {
        removed[day] = Number(series[day]) - Number(termOf[day % WEEK]);
      }
      return removed;
    },
    restore: (value, index) => value + Number(termOf[index % WEEK]),
  };
}

/** For each weekday the trimmed mean of `compare(value, mean of the week around it)`. */
function byWeekday(series: readonly number[], compare: (value: number, around: number) => number): number[] {
  const compared = weeklyMeans(series);
  for (let i = 0; i < compared.length; i++) {
    compared[i] = compare(Number(series[i + HALF_WEEK]), Number(compared[i]));
  }
  return Array.from({ length: WEEK }, (_, weekday) => {
    const first = (weekday + WEEK - HALF_WEEK) % WEEK;
    const values = new Float64Array(Math.max(Math.ceil((compared.length - first) / WEEK), 0));
    for (let week = 0; week < values.length; week++) values[week] = Number(compared[first + week * WEEK]);
    return trimmedMean(values);
  });
}

/** The mean of the week around each day, without the three days at either end: entry i belongs to day i + 3. */
function weeklyMeans(series: readonly number[]): Float64Array {
  const sums = prefixSums(series);
  const means = new Float64Array(Math.max(series.length - 2 * HALF_WEEK, 0));
  for (let i = 0; i < means.length; i++) means[i] = (Number(sums[i + WEEK]) - Number(sums[i])) / WEEK;
  return means;
}

/** Mean without the lowest and the highest tenth, so that one outlier doesn't become part of the season. */
function trimmedMean(values: Float64Array): number {
  const cut = Math.ceil(values.length * TRIMMED);
  // A typed array sorts numbers without a comparator call for each pair.
  const ascending = values.toSorted();
  const [from, to] = values.length > 2 * cut ? [cut, values.length - cut] : [0, values.length];
  let sum = 0;
  for (let i = from; i < to; i++) sum += Number(ascending[i]);
  return sum / (to - from);
}
