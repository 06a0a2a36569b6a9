/**
 * The values that a series can have. Whole units leave an interval such as 50.6 to 50.9 without any value in it, which
 * happens to quantiles of continuous errors on counts that hardly vary.
 */

/** Equidistant values. */
export interface ValueGrid {
  /** One of them. */
  readonly origin: number;
  /** The distance between two of them; 0 if the series never changed, or if its values have no common distance. */
  readonly step: number;
}

/** Differences to try, the smallest first. A series of fractions without any order would otherwise take its length squared. */
const MOST_CANDIDATES = 200;
/** Rounding errors of a multiple, in steps. */
const TOLERANCE = 1e-6;

/**
 * The grid of a series: from its most frequent value on, the smallest difference of which most other values are multiples. Some
 * may lie beside it, because the demand of days that sold out is an estimate.
 */
export function gridOf(series: readonly number[]): ValueGrid {
  const ascending = Float64Array.from(series).sort();
  const origin = mostFrequent(ascending);
  const others = ascending.filter((value) => value !== origin);
  const liesOn = (step: number) => (value: number) =>
    Math.abs(nearestValue({ origin, step }, value) - value) < TOLERANCE * step;
  const step = differencesOf(ascending, origin)
    .slice(0, MOST_CANDIDATES)
    .find((candidate) => 2 * others.filter(liesOn(candidate)).length > others.length);
  return { origin, step: step ?? 0 };
}

/** @param ascending may have no value: the most frequent one is 0 then. */
function mostFrequent(ascending: Float64Array): number {
  let [most, longest, run] = [Number(ascending[0] ?? 0), 0, 0];
  ascending.forEach((value, index) => {
    run = value === ascending[index - 1] ? run + 1 : 1;
    if (run > longest) [most, longest] = [value, run];
  });
  return most;
}

/** The differences between neighbours, and from one value, in ascending order. */
function differencesOf(ascending: Float64Array, origin: number): number[] {
  const differences = new Set<number>();
  ascending.forEach((value, index) => {
    differences.add(value - Number(ascending[index - 1] ?? value)).add(Math.abs(value - origin));
  });
  differences.delete(0);
  return [...differences].sort((one, other) => one - other);
}

/** The value of a grid that is nearest to a forecast; the forecast itself if the grid has no step. */
export function nearestValue({ origin, step }: ValueGrid, units: number): number {
  return step === 0 ? units : origin + step * Math.round((units - origin) / step);
}

/** Whether an actual value is the one of a grid that was nearest to its forecast, apart from rounding errors. */
export function wasNearest(grid: ValueGrid, forecast: number, actual: number): boolean {
  return grid.step > 0 && Math.abs(nearestValue(grid, forecast) - actual) < TOLERANCE * grid.step;
}
