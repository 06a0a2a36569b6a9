/** The interface of all multi-step models. Models don't see dates: a series has one value a day, oldest first. */

import type { ModelParameters } from '../../api/forecast-models.ts';

export const WEEK = 7;

/** Fewest days a model works on: two weeks show a weekly season. */
export const MIN_TRAINING_DAYS = 14;

/**
 * A model with its parameters estimated. It may then forecast from any history, so that a backtest can estimate on
 * early days and forecast from later ones.
 */
export interface FittedModel {
  readonly parameters: ModelParameters;
  /** The `horizon` days after the history: finite, none negative; a longer horizon begins with the shorter one. */
  forecast(history: readonly number[], horizon: number): number[];
}

/** A way of forecasting. Pure; a history has at least {@link MIN_TRAINING_DAYS} finite values, none negative. */
export interface ForecastModel {
  fit(history: readonly number[]): FittedModel;
}
