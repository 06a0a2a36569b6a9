/**
 * Bodies of the answers that the page reads, as `shared/api` declares them. The functions of the same deployment check each
 * answer against its schema before they send it, so the page doesn't check it again. Types only: no schema is
 * bundled.
 */
import type * as z from 'zod';
import type { predictDemand, readRunDays } from '../shared/api/analytics.ts';
import type { backtestDemand, forecastDemand } from '../shared/api/forecast.ts';
import type { readInsights } from '../shared/api/insights.ts';
import type { optimizeDemand, readTrials } from '../shared/api/optimize.ts';
import type { readPriceSensitivity } from '../shared/api/prices.ts';
import type { simulatePromotions } from '../shared/api/promotions.ts';
import type { readRanking } from '../shared/api/ranking.ts';
import type { readReplenishment } from '../shared/api/replenishment.ts';
import type { readRunForecasts } from '../shared/api/run-forecasts.ts';
import type { recentSales } from '../shared/api/sales.ts';
import type { summarizeSales } from '../shared/api/sales-summary.ts';
import type { nextDay } from '../shared/api/simulation.ts';
import type { readMetrics, readProof } from '../shared/api/system.ts';

type AnswerOf<Route extends { readonly response: z.ZodType }> = z.output<Route['response']>;

export type AcceptedDays = AnswerOf<typeof nextDay>;
export type BacktestAnswer = AnswerOf<typeof backtestDemand>;
export type DemandOptimization = AnswerOf<typeof optimizeDemand>;
export type DemandPrediction = AnswerOf<typeof predictDemand>;
export type ForecastAnswer = AnswerOf<typeof forecastDemand>;
export type InsightList = AnswerOf<typeof readInsights>;
export type MetricsAnswer = AnswerOf<typeof readMetrics>;
export type PriceAnswer = AnswerOf<typeof readPriceSensitivity>;
export type Proof = AnswerOf<typeof readProof>;
export type PromotionAnswer = AnswerOf<typeof simulatePromotions>;
export type Ranking = AnswerOf<typeof readRanking>;
/** With both ids. */
export type ReplenishmentAnswer = Extract<AnswerOf<typeof readReplenishment>, { order_quantity: number }>;
/** Of all pairs, or those of a store. */
export type ReplenishmentList = Exclude<AnswerOf<typeof readReplenishment>, { order_quantity: number }>;
export type Order = ReplenishmentList['items'][number];
export type RecentSales = AnswerOf<typeof recentSales>;
export type RunDays = AnswerOf<typeof readRunDays>;
export type LedgerDay = RunDays['days'][number];
export type RunForecastsAnswer = AnswerOf<typeof readRunForecasts>;
export type Summary = AnswerOf<typeof summarizeSales>;
export type SummaryRow = Summary['groups'][number];
export type TrialList = AnswerOf<typeof readTrials>;
export type StoredTrial = TrialList['trials'][number];
