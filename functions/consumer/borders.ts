import * as z from 'zod';
import { openPool } from '../../shared/mysql/connection.ts';
import { mysqlSettings } from '../../shared/mysql/settings.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { storeBatch, WRITER_SESSION } from '../../shared/sales/event-writer.ts';
import { tableSettings } from '../../shared/simulation/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import type { ConsumerBorders } from './consume.ts';

/** What the function reads from its environment. */
export const consumerSettings = z.object({ ...mysqlSettings.shape, ...tableSettings.shape });

/** The real borders of a consumer. One connection: it takes one batch at a time. */
export function connectConsumerBorders(settings: z.infer<typeof consumerSettings>): ConsumerBorders {
  const pool = openPool(settings, {
    connectionLimit: 1,
    multipleStatements: true,
    session: WRITER_SESSION,
    metrics: createMetrics('consumer'),
  });
  return {
    storeBatch: (batch) => storeBatch(pool, batch),
    store: connectSimulationStore(settings.TABLE_NAME),
    now: () => new Date().toISOString(),
    log: createLogger('consumer'),
  };
}
