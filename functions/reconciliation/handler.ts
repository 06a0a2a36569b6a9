import { createLogger } from '../../shared/observability/logger.ts';
import { connectPublicationBorders, publisherSettings } from '../../shared/publication/dependencies.ts';
import { readSettings } from '../../shared/settings.ts';
import { readStoredRun, reconcile } from './reconcile.ts';

const log = createLogger('reconciliation');
const borders = connectPublicationBorders(readSettings(publisherSettings), 'reconciliation', log);

/** Invoked by a schedule, and by the local host at its start. */
export async function handler(): Promise<void> {
  const { pool } = borders;
  await reconcile({ ...borders, log, readStoredRun: (runId) => readStoredRun(pool, runId) });
}
