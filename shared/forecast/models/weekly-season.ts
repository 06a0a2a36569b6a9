/**
 * The weekly season by classical decomposition (Hyndman & Athanasopoulos, "Forecasting: Principles and Practice", 3rd
 * ed., section 3.4): each weekday's mean deviation from the centred week around it.
 */

import { prefixSums } from '../moving-average.ts';
import { WEEK } from './forecast-model.ts';
import { withoutOutliers } from './outliers.ts';

/** A season that can be removed from a series and restored. `index` counts days from the start of the series. */
export interface WeeklySeason {
  remove(value: number, index: number): number;
  restore(value: number, index: number): number;
}

const HALF_WEEK = (WEEK - 1) / 2;

const NONE: WeeklySeason = { remove: (value) => value, restore: (value) => value };

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
  const deviations = aroundWeek(withoutOutliers(series)).map(({ value, around }) => value - around);
  const correlations = autocorrelations(deviations, WEEK);
  const before = correlations.slice(0, -1).reduce((sum, r) => sum + r * r, 0);
  const limit = SIGNIFICANCE * Math.sqrt((1 + 2 * before) / series.length);
  return Number(correlations.at(-1)) > limit;
}

/** Autocorrelations at 1 … `lags` days; 0 for a constant series. */
function autocorrelations(series: readonly number[], lags: number): number[] {
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length;
  const deviations = series.map((value) => value - mean);
  const variance = deviations.reduce((sum, deviation) => sum + deviation * deviation, 0);
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
  const factor = (index: number): number => Math.max(Number(factors[index % WEEK]) / mean, LEAST_FACTOR);
  return {
    remove: (value, index) => value / factor(index),
    restore: (value, index) => value * factor(index),
  };
}

function additive(series: readonly number[]): WeeklySeason {
  const terms = byWeekday(series, (value, around) => value - around);
  const mean = terms.reduce((sum, term) => sum + term, 0) / WEEK;
  const term = (index: number): number => Number(terms[index % WEEK]) - mean;
  return {
    remove: (value, index) => value - term(index),
    restore: (value, index) => value + term(index),
  };
}

/** For each weekday the trimmed mean of `compare(value, mean of the week around it)`. */
function byWeekday(series: readonly number[], compare: (value: number, around: number) => number): number[] {
  const seen = Array.from({ length: WEEK }, (): number[] => []);
  for (const { index, value, around } of aroundWeek(series)) seen[index % WEEK]?.push(compare(value, around));
  return seen.map(trimmedMean);
}

/** Each value with the mean of the week around it, without the three days at either end. */
function aroundWeek(series: readonly number[]): { index: number; value: number; around: number }[] {
  const sums = prefixSums(series);
  return series.slice(HALF_WEEK, series.length - HALF_WEEK).map((value, i) => {
    const around = (Number(sums[i + WEEK]) - Number(sums[i])) / WEEK;
    return { index: i + HALF_WEEK, value, around };
  });
}

/** Mean without the lowest and the highest tenth, so that one outlier doesn't become part of the season. */
function trimmedMean(values: readonly number[]): number {
  const cut = Math.ceil(values.length * TRIMMED);
  // A typed array sorts numbers without a comparator call for each pair.
  const ascending = Float64Array.from(values).sort();
  const middle = values.length > 2 * cut ? ascending.slice(cut, -cut) : ascending;
  return middle.reduce((sum, value) => sum + value, 0) / middle.length;
}
