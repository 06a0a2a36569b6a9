import { prefixSums } from '../moving-average.ts';
import { WEEK } from './forecast-model.ts';

/**
 * Squared errors of flat forecasts for the seven days ahead, with each day of a series as origin; at its end with the
 * days that are left. A sum over a week costs no more than one over a day: Σ(y − f)² = Σy² − 2fΣy + f²·days.
 */
export function weekAheadErrors(series: readonly number[]): (origin: number, flatForecast: number) => number {
  const sums = prefixSums(series);
  const squares = prefixSums(series.map((value) => value * value));
  return (origin, flat) => {
    const end = Math.min(origin + WEEK, series.length);
    const sum = Number(sums[end]) - Number(sums[origin]);
    const square = Number(squares[end]) - Number(squares[origin]);
    return Math.max(square - 2 * flat * sum + flat * flat * (end - origin), 0);
  };
}
