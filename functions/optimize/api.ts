import { HttpProblem } from '../../shared/api/errors.ts';
import {
  CURRENT_RUN,
  MAX_TRIALS,
  MIN_TRIALS,
  NO_TRIALS,
  optimizeDemand,
  readTrials,
} from '../../shared/api/optimize.ts';
import { boundedCache } from '../../shared/bounded-cache.ts';
import {
  type DemandOptimization,
  MIN_OPTIMIZATION_DAYS,
  optimizeMovingAverage,
} from '../../shared/forecast/demand-optimization.ts';
import type { HistoryReader } from '../../shared/history/product-history.ts';
import type { CurrentDaySource } from '../../shared/history/scope.ts';
import {
  noData,
  type SalesScope,
  scopeReader,
  storeHistory,
  tooFewDays,
} from '../../shared/history/scope.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import type { TrialFilter, TrialRow } from './stored-trials.ts';

/** Stores trials by run; the run is null before the first init. */
interface TrialStore {
  /** Stores all trials of a study, or none. */
  insert(runId: string | null, study: DemandOptimization): Promise<void>;
  /** Newest first. */
  newest(filter: TrialFilter): Promise<TrialRow[]>;
}

interface OptimizeSources {
  readonly history: HistoryReader;
  readonly store: CurrentDaySource;
  readonly trials: TrialStore;
}

/** Trials of cached searches, about 250 bytes each. */
const KEPT_TRIALS = 20_000;

/** The routes that search for the best moving average and list past trials. */
export function optimizeApi({ history, store, trials }: OptimizeSources): RouteHandler[] {
  const searched = boundedCache<DemandOptimization>(KEPT_TRIALS);

  /** The same question finds the same trials, so it is searched once; but each time its trials are stored. */
  function studyOf(scope: SalesScope, question: Question): DemandOptimization {
    const { store_id, product_id, n_trials } = question;
    const key = JSON.stringify([scope.key, scope.upTo, store_id, product_id, n_trials]);
    const known = searched.get(key);
    if (known) return known;
    const study = searchIn(scope, question);
    searched.set(key, study, n_trials);
    return study;
  }

  return [
    implement(optimizeDemand, async ({ query }) => {
      checkTrials(query.n_trials);
      // Read once, so that trials are stored with the same run whose day was the cutoff.
      const reading = store.readState();
      const scopeOf = scopeReader(history, { ...store, readState: () => reading });
      const [scope, state] = await Promise.all([scopeOf(query.product_id, query.day), reading]);
      const study = studyOf(scope, query);
      await trials.insert(state?.runId ?? null, study);
      return study;
    }),
    implement(readTrials, async ({ query: { limit, ...ids } }) => {
      if (limit === 0) return listOf([]);
      const runId =
        ids.run_id === CURRENT_RUN ? ((await store.readState())?.runId ?? null) : ids.run_id || undefined;
      const filter = { storeId: ids.store_id || undefined, productId: ids.product_id || undefined, limit };
      return listOf(await trials.newest({ ...filter, runId }));
    }),
  ];
}

function checkTrials(count: number): void {
  if (count >= MIN_TRIALS && count <= MAX_TRIALS) return;
  const detail = `n_trials must be between ${MIN_TRIALS} and ${MAX_TRIALS}, got ${count}.`;
  throw new HttpProblem('invalid_trials', detail);
}

interface Question {
  readonly store_id: string;
  readonly product_id: string;
  readonly n_trials: number;
}

function searchIn(scope: SalesScope, { store_id, product_id, n_trials }: Question): DemandOptimization {
  const days = storeHistory(scope, store_id);
  if (days.length === 0) throw noData(product_id, store_id);
  if (days.length < MIN_OPTIMIZATION_DAYS) throw tooFewDays(MIN_OPTIMIZATION_DAYS, days.length);
  return optimizeMovingAverage({ store_id, product_id, analysis_up_to_day: scope.upTo, n_trials }, days);
}

function listOf(trials: readonly TrialRow[]) {
  const [first, ...others] = trials;
  if (!first) return { trials: [], message: NO_TRIALS } as const;
  const best = others.reduce((least, trial) => (trial.rmse < least.rmse ? trial : least), first);
  const { rmse, _window: window, min_periods, trend_window } = best;
  return {
    total_trials: trials.length,
    best_trial: { rmse, window, min_periods, trend_window },
    trials,
  };
}
