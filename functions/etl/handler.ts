import * as z from 'zod';
import { etlEventSchema, openDataset } from '../../shared/dataset/open-dataset.ts';
import { openPool } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { mysqlSettings, readSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { type EtlResult, LOADING_SESSION, runEtl } from './etl.ts';

const settings = readSettings(
  z.object({
    ...mysqlSettings.shape,
    ...tableSettings.shape,
  }),
);
const log = createLogger('etl');
const dependencies = {
  pool: openPool(settings, { connectionLimit: 1, session: LOADING_SESSION }),
  store: connectSimulationStore(settings),
  log,
  now: () => performance.now(),
};

/**
 * Loads the data set that the event names.
 *
 * @throws an error whose message is meant for the person who provided the file.
 */
export async function handler(event: unknown): Promise<EtlResult> {
  return runEtl(dependencies, openDataset(etlEventSchema.parse(event)));
}
