import { historyReader } from '../../shared/history/product-history.ts';
import { createApiHandler } from '../../shared/http/api-handler.ts';
import { apiToken, apiTokenSettings } from '../../shared/http/api-token.ts';
import { openPool, READ_LIMIT_MS } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { mysqlSettings, readSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { optimizeApi } from './api.ts';
import { insertTrials, selectTrials } from './stored-trials.ts';

const settings = readSettings(tableSettings.extend(mysqlSettings.shape).extend(apiTokenSettings.shape));
const metrics = createMetrics('optimize');
/** A function handles one request at a time, so one connection suffices; the second replaces a broken one. */
const pool = openPool(settings, { connectionLimit: 2, readLimitMs: READ_LIMIT_MS, metrics });

/** Searches for the best moving average and keeps every trial. */
export const handler = createApiHandler({
  routes: optimizeApi({
    history: historyReader(pool, () => performance.now()),
    store: connectSimulationStore(settings),
    trials: {
      insert: (runId, study) => insertTrials(pool, runId, study),
      newest: (filter) => selectTrials(pool, filter),
    },
  }),
  token: apiToken(settings),
  log: createLogger('optimize'),
  metrics,
});
