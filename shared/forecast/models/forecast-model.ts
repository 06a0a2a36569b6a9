/** The interface of all multi-step models. Models don't see dates: a series has one value a day, oldest first. */

import type { ModelParameters } from '../../api/forecast-models.ts';

export const WEEK = 7;

/** Fewest days a model works on: two weeks show a weekly season. */
export const MIN_TRAINING_DAYS = 14;

/** Offers day by day, in the units of the model. */
export interface Offers {
  /** ln of the net price. */
  readonly logPrices: Float64Array;
  /** 1 on days with a promotion, between 0 and 1 for a share of several products. */
  readonly promotions: Float64Array;
}

/**
 * A model with its parameters estimated. It may then forecast from any history, so that a backtest can estimate on
 * early days and forecast from later ones.
 */
export interface FittedModel {
  readonly parameters: ModelParameters;
  /**
   * The `horizon` days after the history: finite, none negative; a longer horizon begins with the shorter one.
   *
   * @param offers of the history and of the days ahead, if {@link ForecastModel.fit} had offers; most models ignore them
   */
  forecast(history: readonly number[], horizon: number, offers?: Offers): number[];
  /** Estimates the parameters again on a longer history, from where the last search ended; cheaper than a new search. */
  refit?(history: readonly number[]): FittedModel;
}

/** A way of forecasting. Pure; a history has at least {@link MIN_TRAINING_DAYS} finite values, none negative. */
export interface ForecastModel {
  /** @param offers of the history at least */
  fit(history: readonly number[], offers?: Offers): FittedModel;
}
