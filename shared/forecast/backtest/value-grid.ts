/**
 * The values that a series can have. Whole units leave an interval such as 50.6 to 50.9 without any value in it, which
 * happens to quantiles of continuous errors on counts that hardly vary.
 */

/** Equidistant values. */
export interface ValueGrid {
  /** One of them. */
  readonly origin: number;
  /** The distance between two of them; 0 if the series never changed. */
  readonly step: number;
}

/** The grid of a series, its step being the smallest difference between two of its values. */
export function gridOf(series: readonly number[]): ValueGrid {
  const ascending = Float64Array.from(series).sort();
  let step = 0;
  for (let index = 1; index < ascending.length; index++) {
    const difference = Number(ascending[index]) - Number(ascending[index - 1]);
    if (difference > 0 && (step === 0 || difference < step)) step = difference;
  }
  return { origin: Number(ascending[0] ?? 0), step };
}

/** The value of a grid that is nearest to a forecast; the forecast itself if the series never changed. */
export function nearestValue({ origin, step }: ValueGrid, units: number): number {
  return step === 0 ? units : origin + step * Math.round((units - origin) / step);
}

/** Whether an actual value is the one that was nearest to its forecast. */
export function wasNearest({ step }: ValueGrid, error: number): boolean {
  return step > 0 && Math.abs(error) < step / 2;
}
