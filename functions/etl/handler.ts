import * as z from 'zod';
import { openPool } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { mysqlSettings, readSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { migrate, readMigrations } from '../migrate/migrations.ts';
import { type EtlResult, runEtl } from './etl.ts';
import { etlEventSchema, openDataset } from './open-dataset.ts';

/** The connection holds the lock and idles while a file is being checked, however large it is. */
const LOADING_SESSION = { wait_timeout: 28_800 } as const;

const settings = readSettings(
  z.object({
    ...mysqlSettings.shape,
    ...tableSettings.shape,
    /** Folder of the numbered SQL files of data/schema. */
    SCHEMA_DIRECTORY: z.string().min(1),
  }),
);
const log = createLogger('etl');
const dependencies = {
  pool: openPool(settings, { connectionLimit: 1, session: LOADING_SESSION }),
  store: connectSimulationStore(settings.TABLE_NAME),
  log,
  now: () => performance.now(),
};

/** The response of an invocation that only applied the schema. */
export interface SchemaResult {
  readonly status: 'migrated';
  /** The files that this invocation applied. */
  readonly applied: readonly string[];
}

/**
 * Applies the schema, then loads the data set that the event names, if it names one.
 *
 * @throws an error whose message is meant for the person who provided the file.
 */
export async function handler(event: unknown): Promise<EtlResult | SchemaResult> {
  const request = etlEventSchema.parse(event);
  const applied = await migrate(dependencies.pool, await readMigrations(settings.SCHEMA_DIRECTORY), log);
  if (request.kind === 'schema') return { status: 'migrated', applied };
  return runEtl(dependencies, openDataset(request));
}
