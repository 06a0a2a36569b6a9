/** Errors beyond this many standard deviations are cut to it. */
const MOST_ERROR_DEVIATIONS = 3;
/** How fast the usual size of errors follows. */
const RATE = 0.1;
/** The standard deviation of a normal by its mean absolute deviation: √(π/2). */
const DEVIATION_BY_MEAN = Math.sqrt(Math.PI / 2);
/** Errors of up to this share of the mean always count as usual: a series that never moved must be able to. */
const FLOOR = 0.05;

/**
 * Cuts errors that are far beyond their usual size, so that one outlier moves a smoothed level little; a lasting shift
 * raises what is usual, and is followed within days. Errors are to be given in order.
 *
 * Gelper, Fried & Croux, "Robust forecasting with exponential and Holt–Winters smoothing" (Journal of Forecasting
 * 29(3), 2010), with the plain mean of cut errors as their scale.
 */
export function errorLimit(series: readonly number[]): (error: number) => number {
  const mean = series.reduce((sum, value) => sum + Math.abs(value), 0) / series.length;
  const floor = FLOOR * mean;
  let usual = Math.max(floor, mean / 2);
  return (error) => {
    const most = MOST_ERROR_DEVIATIONS * usual;
    const cut = Math.min(Math.max(error, -most), most);
    usual = Math.max(usual + RATE * (DEVIATION_BY_MEAN * Math.abs(cut) - usual), floor);
    return cut;
  };
}

/** Beyond so many mean absolute deviations from the mean a value is an outlier; uniform values reach 2. */
const MOST_VALUE_DEVIATIONS = 4;

/** The series with outliers cut to the most that still counts as usual: for estimates that squares would spoil. */
export function withoutOutliers(series: readonly number[]): number[] {
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length;
  const deviation = series.reduce((sum, value) => sum + Math.abs(value - mean), 0) / series.length;
  const most = MOST_VALUE_DEVIATIONS * deviation;
  return series.map((value) => Math.min(Math.max(value, mean - most), mean + most));
}
