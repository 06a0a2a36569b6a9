import { historyReader } from '../../shared/history/product-history.ts';
import { createApiHandler } from '../../shared/http/api-handler.ts';
import { openPool } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { mysqlSettings, readSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { forecastApi } from './api.ts';
import { readProducts, replenishmentApi } from './replenishment.ts';

const settings = readSettings(tableSettings.extend(mysqlSettings.shape));
const metrics = createMetrics('forecast');
/** A function handles one request at a time, so one connection suffices; the second replaces a broken one. */
const pool = openPool(settings, { connectionLimit: 2, metrics });

const sources = {
  history: historyReader(pool, () => performance.now()),
  store: connectSimulationStore(settings.TABLE_NAME),
};

/** Forecasts several days ahead, tests forecasts on the past, and recommends orders. */
export const handler = createApiHandler({
  routes: [
    ...forecastApi(sources),
    ...replenishmentApi({ ...sources, readProducts: () => readProducts(pool) }),
  ],
  log: createLogger('forecast'),
  metrics,
});
