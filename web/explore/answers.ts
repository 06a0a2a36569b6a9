/**
 * Bodies of the answers that the tabs ask for. They come from the functions of the same deployment, which hold each answer
 * against its declared schema before they send it.
 */
import type { PriceSensitivity } from '../../shared/analytics/price-sensitivity.ts';
import type { PromotionSimulation } from '../../shared/analytics/promotion-simulation.ts';
import type { DemandOptimization } from '../../shared/forecast/demand-optimization.ts';
import type { DemandPrediction } from '../../shared/forecast/demand-prediction.ts';
import type { BacktestAnswer, ForecastAnswer } from '../../shared/forecast/forecast-answer.ts';

export type { DemandOptimization, DemandPrediction, ForecastAnswer };

/** A figure of every model, means over the stores. */
export interface ProductBacktest {
  readonly models: BacktestAnswer['models'];
}

interface OfProduct {
  readonly product_id: string;
  /** A date. */
  readonly analysis_up_to_day: string;
}
export type PriceAnswer = OfProduct & PriceSensitivity;
export type PromotionAnswer = OfProduct & PromotionSimulation;

/** A trial of a search as it is stored. */
export interface StoredTrial {
  readonly id: number;
  /** Counts from 0. */
  readonly trial_number: number;
  readonly _window: number;
  readonly min_periods: number;
  readonly trend_window: number;
  readonly rmse: number;
  readonly completed_at: string;
}

export interface TrialList {
  readonly best_trial?: { readonly rmse: number; readonly window: number };
  /** Newest first. */
  readonly trials: readonly StoredTrial[];
}

/** Groups of `GET /sales/summary`. */
export interface Summary {
  readonly groups: readonly { readonly group: string }[];
}
