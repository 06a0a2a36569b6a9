/** Beyond so many mean absolute deviations from the mean a value is an outlier; uniform values reach 2. */
const MOST_DEVIATIONS = 4;

/** The series with outliers cut to the most that still counts as usual: for estimates that squares would spoil. */
export function withoutOutliers(series: readonly number[]): number[] {
  const mean = series.reduce((sum, value) => sum + value, 0) / series.length;
  const deviation = series.reduce((sum, value) => sum + Math.abs(value - mean), 0) / series.length;
  const most = MOST_DEVIATIONS * deviation;
  return series.map((value) => Math.min(Math.max(value, mean - most), mean + most));
}
