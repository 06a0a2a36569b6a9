import type { ForecastModel } from './forecast-model.ts';

/**
 * The mean of several models' forecasts: their errors partly cancel. The plain mean is hard to beat by weights
 * (Makridakis, Spiliotis & Assimakopoulos, "The M4 competition", International Journal of Forecasting 36(1), 2020).
 */
export function combination(members: Readonly<Record<string, ForecastModel>>): ForecastModel {
  return {
    fit(history) {
      const fitted = Object.entries(members).map(([name, model]) => [name, model.fit(history)] as const);
      return {
        parameters: Object.fromEntries(fitted.map(([name, { parameters }]) => [name, parameters])),
        forecast: (known, horizon) => meanPath(fitted.map(([, model]) => model.forecast(known, horizon))),
      };
    },
  };
}

/** The mean of paths of equal length, step by step. */
export function meanPath(paths: readonly (readonly number[])[]): number[] {
  const [first = []] = paths;
  return first.map((_, step) => paths.reduce((sum, path) => sum + Number(path[step]), 0) / paths.length);
}
