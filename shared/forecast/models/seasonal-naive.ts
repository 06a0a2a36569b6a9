import { type ForecastModel, WEEK } from './forecast-model.ts';

/**
 * Every day as the same weekday of the last week. The baseline that a model has to beat (Hyndman & Athanasopoulos,
 * "Forecasting: Principles and Practice", 3rd ed., section 5.2).
 */
export const seasonalNaive: ForecastModel = {
  fit: () => ({ parameters: {}, forecast: repeatLastWeek }),
};

function repeatLastWeek(history: readonly number[], horizon: number): number[] {
  const lastWeek = history.slice(-WEEK);
  return Array.from({ length: horizon }, (_, step) => Number(lastWeek[step % WEEK]));
}
