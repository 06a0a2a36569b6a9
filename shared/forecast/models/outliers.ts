/** Errors beyond this many standard deviations are cut to it. */
const MOST_ERROR_DEVIATIONS = 3;
/** Smoothing rate of the usual size of errors. */
const RATE = 0.1;
/** Standard deviation of a normal distribution over its mean absolute deviation: √(π/2). */
const DEVIATION_BY_MEAN = Math.sqrt(Math.PI / 2);
/** Errors of up to this share of the mean always count as usual, so that a constant series can start to move. */
const FLOOR = 0.05;

/**
 * Cuts errors far beyond their usual size, so that one outlier hardly moves a smoothed level; a lasting shift raises the
 * usual size and is followed within days. Call the returned function with the errors in order.
 *
 * Gelper, Fried & Croux, "Robust forecasting with exponential and Holt–Winters smoothing" (Journal of Forecasting
 * 29(3), 2010), with the plain mean of cut errors as their scale.
 */
export function errorLimit(series: ArrayLike<number>): (error: number) => number {
  let sum = 0;
  for (let day = 0; day < series.length; day++) sum += Math.abs(Number(series[day]));
  return limitAround(sum / series.length);
}

/** The same for errors of logarithms, whose size doesn't depend on the series' units. */
export function logErrorLimit(): (error: number) => number {
  return limitAround(1);
}

/** @param mean the size that {@link FLOOR} is a share of */
function limitAround(mean: number): (error: number) => number {
  const floor = FLOOR * mean;
  // In a typed array, because V8 allocates a heap number for each assignment to a captured variable.
  const usual = Float64Array.of(Math.max(floor, mean / 2));
  return (error) => {
    const size = Number(usual[0]);
    const most = MOST_ERROR_DEVIATIONS * size;
    const cut = Math.min(Math.max(error, -most), most);
    usual[0] = Math.max(size + RATE * (DEVIATION_BY_MEAN * Math.abs(cut) - size), floor);
    return cut;
  };
}

/** Mean absolute deviations from the mean beyond which a value is an outlier; uniform values reach 2. */
const MOST_VALUE_DEVIATIONS = 4;

/** Bounds beyond which a value of a series is an outlier. */
export function outlierBounds(series: ArrayLike<number>): { readonly low: number; readonly high: number } {
  let [sum, size] = [0, 0];
  for (let i = 0; i < series.length; i++) sum += Number(series[i]);
  const mean = sum / series.length;
  for (let i = 0; i < series.length; i++) size += Math.abs(Number(series[i]) - mean);
  const most = MOST_VALUE_DEVIATIONS * (size / series.length);
  return { low: mean - most, high: mean + most };
}

/** Returns the series with outliers clipped, for estimates that are sensitive to squares. */
export function withoutOutliers(series: readonly number[]): number[] {
  const { low, high } = outlierBounds(series);
  const clipped = series.slice();
  for (let i = 0; i < clipped.length; i++) {
    const value = Number(clipped[i]);
    if (value > high) clipped[i] = high;
    else if (value < low) clipped[i] = low;
  }
  return clipped;
}
