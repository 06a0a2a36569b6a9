import { createLogger } from '../../shared/observability/logger.ts';
import { connectPublication, publisherSettings } from '../../shared/publication/dependencies.ts';
import { forecastKeeper } from '../../shared/run-forecasts/keep.ts';
import { readSettings } from '../../shared/settings.ts';
import { readStoredRun, reconcile } from './reconcile.ts';

const log = createLogger('reconciliation');
const dependencies = connectPublication(readSettings(publisherSettings), 'reconciliation', log);
const keeper = forecastKeeper({ ...dependencies, now: () => performance.now() });

/** Invoked by a schedule, and by the local host at its start. */
export async function handler(): Promise<void> {
  const { pool } = dependencies;
  await reconcile({ ...dependencies, log, readStoredRun: (runId) => readStoredRun(pool, runId) });
  await keeper.keep();
}
