import { createApiHandler } from '../../shared/http/api-handler.ts';
import { openPool, READ_LIMIT_MS } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { mysqlSettings, readSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { recentSalesReader, salesApi, selectValidCombo } from './api.ts';

const settings = readSettings(tableSettings.extend(mysqlSettings.shape));
const metrics = createMetrics('sales');
/** A function answers one request at a time, so it needs one connection; a second replaces one that broke. */
const pool = openPool(settings, { connectionLimit: 2, readLimitMs: READ_LIMIT_MS, metrics });

/** Reads the sales of the current run. */
export const handler = createApiHandler({
  routes: salesApi(connectSimulationStore(settings), {
    recent: recentSalesReader(pool),
    validCombo: () => selectValidCombo(pool),
  }),
  log: createLogger('sales'),
  metrics,
});
