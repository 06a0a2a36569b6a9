import { type CheckedDataset, checkDataset, hashDataset } from '../../shared/dataset/check-dataset.ts';
import type { TableRow } from '../../shared/dataset/columns.ts';
import { DatasetChangedError } from '../../shared/dataset/errors.ts';
import type { Dataset } from '../../shared/dataset/open-dataset.ts';
import type { Pool, PoolConnection } from '../../shared/mysql/connection.ts';
import { withNamedLock } from '../../shared/mysql/named-lock.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import {
  openRowSpool,
  type RowSpool,
  readLoadedDataset,
  readSalesPerDay,
  replaceDataset,
} from './replace-dataset.ts';

/** The response of an invocation that loaded a data set. */
export interface EtlResult {
  /** `unchanged`: this data set is already in the tables. */
  readonly status: 'loaded' | 'unchanged';
  readonly rows: number;
  readonly days: number;
  /** Of the CSV after decompression. */
  readonly sha256: string;
  readonly seconds: number;
  /** Whether the calendar changed, so that the simulation started a new run. */
  readonly startedRun: boolean;
  /** What was done to the file's values; empty if the data set was loaded before. */
  readonly notices: readonly string[];
}

export interface EtlDependencies {
  readonly pool: Pool;
  readonly store: Pick<SimulationStore, 'register'>;
  readonly log: { info(message: string, fields: Record<string, string | number | boolean>): void };
  /** Milliseconds of a monotonic clock. */
  readonly now: () => number;
}

/** Session settings of the pool: the connection holds the lock and idles while a file is being checked, however large it is. */
export const LOADING_SESSION = { wait_timeout: 28_800 } as const;

/** How long to wait for another ETL; less than the function's own timeout. */
const LOCK_SECONDS = 600;
const PROGRESS_EVERY_MS = 2_000;

/** The contents of the tables once the data set is loaded. */
type Loaded = Pick<EtlResult, 'status' | 'rows' | 'sha256' | 'notices'> & {
  readonly days: readonly { readonly date: string; readonly sales: number }[];
};

/**
 * Loads a data set into the tables, unless it is there already, and registers its dates with the simulation. One ETL runs at a
 * time: the lock is held until the dates are registered, so tables and simulation always belong to the same data set.
 *
 * @throws InvalidDatasetError, UnreadableDatasetError, DatasetChangedError, LoadError; then the tables are unchanged.
 */
export async function runEtl(dependencies: EtlDependencies, dataset: Dataset): Promise<EtlResult> {
  const { pool, store, log, now } = dependencies;
  const started = now();
  const connection = await pool.getConnection();
  try {
    return await withNamedLock(connection, 'data set', LOCK_SECONDS, async () => {
      const { status, rows, sha256, days, notices } = await load(dependencies, connection, dataset);
      // Also for a data set that was there already: the process that loaded it may have died before this.
      const { startedRun } = await store.register({
        dates: days.map(({ date }) => date),
        salesPerDay: days.map(({ sales }) => sales),
        dataSet: sha256,
      });
      const seconds = Math.round(now() - started) / 1000;
      const result = { status, rows, days: days.length, sha256, seconds, startedRun };
      log.info(`data set ${status}`, { file: dataset.name, ...result });
      return { ...result, notices };
    });
  } finally {
    connection.release();
  }
}

async function load(
  dependencies: EtlDependencies,
  connection: PoolConnection,
  dataset: Dataset,
): Promise<Loaded> {
  const sha256 = await hashDataset(dataset);
  const present = await readLoadedDataset(connection);
  if (present?.sha256 === sha256) {
    return { status: 'unchanged', ...present, days: await readSalesPerDay(connection), notices: [] };
  }
  const spool = await openRowSpool();
  try {
    const checked = await checkIntoSpool(dependencies, dataset, spool);
    if (checked.sha256 !== sha256) throw new DatasetChangedError(dataset.name);
    await replaceDataset(connection, { ...checked, fileName: dataset.fileName }, spool);
    const { rows, days, notices } = checked;
    return { status: 'loaded', rows, sha256, days, notices };
  } finally {
    await spool.close();
  }
}

async function checkIntoSpool(
  { log, now }: EtlDependencies,
  dataset: Dataset,
  spool: RowSpool,
): Promise<CheckedDataset> {
  let rows = 0;
  let reported = now();
  const take = async (batch: readonly TableRow[]) => {
    await spool.write(batch);
    rows += batch.length;
    if (now() - reported < PROGRESS_EVERY_MS) return;
    reported = now();
    log.info('checking the data set', { file: dataset.name, rows });
  };
  const checked = await checkDataset(dataset, take, async () => {
    rows = 0;
    await spool.clear();
  });
  for (const notice of checked.notices) log.info(notice, { file: dataset.name });
  log.info('data set checked, loading it', { file: dataset.name, rows, days: checked.days.length });
  return checked;
}
