import * as z from 'zod';
import { operations } from './operations.ts';
import {
  analysisUpToDay,
  anyInteger,
  dayParameter,
  forwardWeek,
  lastActualsSchema,
  productId,
  queryInteger,
  storeId,
} from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';

/** Fewer trials search too little; more rarely improve the result. */
export const MIN_TRIALS = 5;
export const MAX_TRIALS = 50;

/** Clients expect `trend_window`, although the error does not depend on it. */
const searched = {
  window: z.int().min(3).max(30).describe('Days averaged.'),
  min_periods: z.int().min(1).max(7).describe('A day preceded by fewer days is forecast from all of them.'),
  trend_window: z.int().min(5).max(21).describe('Part of the search, but without effect on the error.'),
};

const trials = z.array(
  z.object({
    trial: z.int().min(1).describe('Counted from 1.'),
    ...searched,
    rmse: z.number().min(0).describe('On the last fifth of the history, in units.'),
  }),
);

export const optimizeDemand = route({
  ...operations.optimizeDemand,
  summary: 'Find the moving average that would have forecast a product best',
  description:
    'Uses a tree-structured Parzen estimator with a fixed seed: equal requests get equal answers. Every trial is stored.',
  access: 'token',
  query: z.object({
    store_id: storeId,
    product_id: productId,
    n_trials: anyInteger(z.int())
      .default(20)
      .describe(`${MIN_TRIALS} to ${MAX_TRIALS}; checked before the other parameters.`),
    day: dayParameter,
  }),
  response: z.object({
    store_id: storeId,
    product_id: productId,
    analysis_up_to_day: analysisUpToDay,
    forecast: z.object({
      method: z.literal('moving_average_optimized'),
      window_used: searched.window,
      min_periods_used: searched.min_periods,
      history_days_used: z.int().min(0),
      forecast_next_day: z.number().describe('Mean of the last days.'),
      trend: z.enum(['up', 'down', 'stable']),
      trend_pct: z.number().describe('Last 7 days against the 7 before, in percent.'),
      '7_day_forward': forwardWeek,
      last_5_actuals: lastActualsSchema,
    }),
    optimization: z.object({
      n_trials: z.int().min(MIN_TRIALS).max(MAX_TRIALS),
      study_name: z.string().meta({ examples: ['S001_P0001'] }),
      first_trial_rmse: z.number().min(0),
      best_rmse: z.number().min(0),
      improvement_pct: z.number().describe('Improvement of the best trial over the first.'),
      best_params: z.object(searched),
      top_5_trials: trials.describe('Best first.'),
      worst_5_trials: trials.describe('Worst last.'),
      all_trials: trials.describe('In the order they were run.'),
    }),
  }),
  errors: ['invalid_trials', 'invalid_day', 'not_found'],
});

const storedTrial = z.object({
  id: z.int().min(1),
  study_name: z.string().meta({ examples: ['S001_P0001'] }),
  trial_number: z.int().min(0).describe('Counted from 0.'),
  store_id: storeId,
  product_id: productId,
  _window: searched.window,
  min_periods: searched.min_periods,
  trend_window: searched.trend_window,
  rmse: z.number().min(0),
  status: z.literal('complete'),
  completed_at: z.iso.datetime(),
  run_id: z.uuid().nullable().describe('The run that was current; null before the first.'),
});

/** Selects the trials of the current run. */
export const CURRENT_RUN = 'current';

const historyFilter = z.string().optional().describe('Exact match; an empty value filters nothing.');

/** Message if there is no trial to list. */
export const NO_TRIALS = 'No runs yet. POST to /optimize/demand first.';

export const readTrials = route({
  ...operations.readOptimizationHistory,
  summary: 'Trials of all runs, newest first',
  access: 'public',
  query: z.object({
    product_id: historyFilter,
    store_id: historyFilter,
    run_id: z
      .union([z.literal(CURRENT_RUN), z.uuid(), z.literal('')])
      .optional()
      .describe('Only trials of one run: `current` or its id. An empty value filters nothing.'),
    limit: queryInteger(z.int().min(0).max(10_000).describe('Maximum number of trials.')).default(200),
  }),
  response: z.object({
    total_trials: z.int().min(1).optional().describe('Number of trials listed; missing if there are none.'),
    best_trial: z
      .object({ rmse: z.number().min(0), ...searched })
      .optional()
      .describe('Best of those listed, the newest if several are equal; missing if there are none.'),
    trials: z.array(storedTrial),
    message: z.literal(NO_TRIALS).optional().describe('Present only if there are none.'),
  }),
  errors: [],
});

export const optimizeRoutes: readonly RouteDeclaration[] = [optimizeDemand, readTrials];
