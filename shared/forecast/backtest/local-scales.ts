/** The variation of a series day by day: what its errors are measured in. */

import { WEEK } from '../models/forecast-model.ts';

/** Days after which a change of the series' variation has half its effect on the scale. */
const SCALE_HALF_LIFE = 15;
/** A single change counts at most this many times the usual one: changes come in groups, so that the first large one is news. */
const MOST_CHANGE = 8;
/** Least scale, relative to the whole past's: what hasn't changed for weeks still can. */
const LEAST_SCALE = 0.25;

/**
 * The variation of a series before each day and after the last: a smoothed mean of changes since a week ago, in units.
 * 1 everywhere if nothing had changed before the first origin, so that errors stay as they are.
 *
 * @param series units per day
 * @param origins days of the series, ascending; the first tells whether the variation was known
 * @returns one entry more than the series has days; 0 on days before the second week
 */
export function localScales(series: readonly number[], origins: readonly number[]): Float64Array {
  const scales = new Float64Array(series.length + 1);
  const rate = 1 - 0.5 ** (1 / SCALE_HALF_LIFE);
  let [recent, sum] = [0, 0];
  for (let day = WEEK; day < series.length; day++) {
    const change = Math.abs(Number(series[day]) - Number(series[day - WEEK]));
    const count = day - WEEK + 1;
    sum += change;
    const usual = sum / count;
    if (count <= 2 * WEEK) recent = usual;
    else recent += rate * (Math.min(change, MOST_CHANGE * recent) - recent);
    recent = Math.max(recent, LEAST_SCALE * usual);
    scales[day + 1] = recent;
  }
  return Number(scales[origins[0] ?? series.length]) > 0 ? scales : scales.fill(1);
}
