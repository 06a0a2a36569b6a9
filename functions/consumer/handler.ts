import { z } from 'zod';
import { openPool } from '../../shared/mysql/connection.ts';
import { mysqlSettings } from '../../shared/mysql/settings.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { storeBatch, WRITER_SESSION } from '../../shared/sales/event-writer.ts';
import { readSettings } from '../../shared/settings/settings.ts';
import { tableSettings } from '../../shared/simulation/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { type ConsumerBorders, consume } from './consume.ts';

const settings = readSettings(z.object({ ...mysqlSettings.shape, ...tableSettings.shape }));
const pool = openPool(settings, {
  connectionLimit: 1,
  multipleStatements: true,
  session: WRITER_SESSION,
  metrics: createMetrics('consumer'),
});

const borders: ConsumerBorders = {
  storeBatch: (batch) => storeBatch(pool, batch),
  store: connectSimulationStore(settings.TABLE_NAME),
  now: () => new Date().toISOString(),
  log: createLogger('consumer'),
};

/** Invoked by the Kafka event source; fails, and is invoked again with the same records, until they are stored. */
export async function handler(event: unknown): Promise<void> {
  await consume(borders, event);
}
