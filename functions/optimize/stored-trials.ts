import { isoTime } from '../../shared/api/sales.ts';
import type { DemandOptimization } from '../../shared/forecast/demand-optimization.ts';
import { type Pool, select, WITHOUT_LIMIT } from '../../shared/mysql/connection.ts';

/** A row of `optuna_trials` as clients see it. */
export interface TrialRow {
  readonly id: number;
  readonly study_name: string;
  /** From 0, where answers count from 1: existing clients expect both. */
  readonly trial_number: number;
  readonly store_id: string;
  readonly product_id: string;
  readonly _window: number;
  readonly min_periods: number;
  readonly trend_window: number;
  /** As answered, with 4 decimals. */
  readonly rmse: number;
  readonly status: 'complete';
  readonly completed_at: string;
  /** Null for a trial that was made before the first init. */
  readonly run_id: string | null;
}

/** Filters trials; an undefined value matches all. */
export interface TrialFilter {
  /** Null selects the trials that were made before the first init. */
  readonly runId: string | null | undefined;
  readonly storeId: string | undefined;
  readonly productId: string | undefined;
  readonly limit: number;
}

const INSERT_TRIALS = `
  INSERT INTO optuna_trials
    (run_id, study_name, trial_number, store_id, product_id, _window, min_periods, trend_window, rmse, status)
  VALUES ?`;

/**
 * Stores every trial of a study in one statement, so either all or none are stored. Not retried when the
 * connection breaks, because trials could be stored twice.
 *
 * @param runId The current run; null before the first init.
 */
export async function insertTrials(
  pool: Pool,
  runId: string | null,
  { store_id, product_id, optimization }: DemandOptimization,
): Promise<void> {
  const rows = optimization.all_trials.map(({ trial, window, min_periods, trend_window, rmse }) => [
    runId,
    optimization.study_name,
    trial - 1,
    store_id,
    product_id,
    window,
    min_periods,
    trend_window,
    rmse,
    'complete',
  ]);
  await pool.query(WITHOUT_LIMIT + INSERT_TRIALS, [rows]);
}

const COLUMNS =
  'id, study_name, trial_number, store_id, product_id, _window, min_periods, trend_window, rmse, status, completed_at, ' +
  'run_id';

/** SQL's comparison ignores trailing spaces, but ids must match exactly. */
const MATCHES = {
  run_id: 'run_id <=> ?',
  store_id: 'store_id = ? AND LENGTH(store_id) = LENGTH(?)',
  product_id: 'product_id = ? AND LENGTH(product_id) = LENGTH(?)',
};

/**
 * Each reads the trials in descending order, so that the limit ends the reading. Without a hint MySQL 9.7 intersects two
 * indexes and sorts.
 */
const SOURCES = {
  ofRun: 'optuna_trials FORCE INDEX (by_run)',
  ofPair: 'optuna_trials FORCE INDEX (by_product)',
  all: 'optuna_trials FORCE INDEX (PRIMARY)',
};

/** The statement that selects the newest trials, newest first. */
export function trialsStatement({ runId, storeId, productId, limit }: TrialFilter) {
  const filters = [
    ...(runId === undefined ? [] : [{ condition: MATCHES.run_id, values: [runId] }]),
    ...(storeId === undefined ? [] : [{ condition: MATCHES.store_id, values: [storeId, storeId] }]),
    ...(productId === undefined ? [] : [{ condition: MATCHES.product_id, values: [productId, productId] }]),
  ];
  const where = ['TRUE', ...filters.map(({ condition }) => condition)].join(' AND ');
  const isPair = storeId !== undefined && productId !== undefined;
  const source = runId !== undefined ? SOURCES.ofRun : isPair ? SOURCES.ofPair : SOURCES.all;
  return {
    sql: `SELECT ${COLUMNS} FROM ${source} WHERE ${where} ORDER BY id DESC LIMIT ?`,
    values: [...filters.flatMap(({ values }) => values), limit],
  };
}

/** Returns the newest trials, newest first. */
export async function selectTrials(pool: Pool, filter: TrialFilter): Promise<TrialRow[]> {
  const { sql, values } = trialsStatement(filter);
  const rows = await select<TrialRow>(pool, sql, values);
  return rows.map((row) => ({ ...row, completed_at: isoTime(row.completed_at) }));
}
