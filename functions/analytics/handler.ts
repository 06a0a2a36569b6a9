import { historyReader } from '../../shared/history/product-history.ts';
import { createApiHandler } from '../../shared/http/api-handler.ts';
import { openPool, READ_LIMIT_MS } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { mysqlSettings, readSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { analyticsApi } from './api.ts';
import { insightSources } from './insights.ts';
import { storedRanking } from './ranking.ts';
import { salesSummary, storedRunSales } from './sales-summary.ts';

const settings = readSettings(tableSettings.extend(mysqlSettings.shape));
const metrics = createMetrics('analytics');
/** A function handles one request at a time, so one connection suffices; the second replaces a broken one. */
const pool = openPool(settings, { connectionLimit: 2, readLimitMs: READ_LIMIT_MS, metrics });

/** Analyses history (demand, prices, promotions) and summarises runs. */
export const handler = createApiHandler({
  routes: analyticsApi({
    history: historyReader(pool, () => performance.now()),
    store: connectSimulationStore(settings),
    summary: salesSummary(storedRunSales(pool)),
    ranking: storedRanking(pool),
    ...insightSources(pool, () => performance.now()),
  }),
  log: createLogger('analytics'),
  metrics,
});
