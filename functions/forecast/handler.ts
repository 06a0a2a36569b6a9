import { historyReader } from '../../shared/history/product-history.ts';
import { createApiHandler } from '../../shared/http/api-handler.ts';
import { openPool, READ_LIMIT_MS } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { forecastKeeper, readDays, readUnits } from '../../shared/run-forecasts/keep.ts';
import { readEvenings, readSeries } from '../../shared/run-forecasts/store.ts';
import { mysqlSettings, readSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { forecastApi } from './api.ts';
import { pairCounter } from './level-pairs.ts';
import { readProducts, replenishmentApi } from './replenishment.ts';
import { runForecastsApi } from './run-forecasts.ts';

const settings = readSettings(tableSettings.extend(mysqlSettings.shape));
const metrics = createMetrics('forecast');
/** A function handles one request at a time, so one connection suffices; the second replaces a broken one. */
const pool = openPool(settings, { connectionLimit: 2, readLimitMs: READ_LIMIT_MS, metrics });

const now = () => performance.now();
const store = connectSimulationStore(settings);
const sources = {
  history: historyReader(pool, now),
  store,
  readProducts: (storeId?: string) => readProducts(pool, storeId),
  countPairs: pairCounter(pool),
};

/** Forecasts several days ahead, tests forecasts on the past, shows those kept with the run, and recommends orders. */
export const handler = createApiHandler({
  routes: [
    ...forecastApi(sources),
    ...runForecastsApi({
      keeper: forecastKeeper({ pool, store, now }),
      readCalendar: (id) => store.readCalendar(id),
      readEvenings: (runId, dayIndexes) => readEvenings(pool, runId, dayIndexes),
      readDay: async (date) => (await readDays(pool, null, [date]))?.get(date) ?? [],
      readSeries: (runId, series, between) => readSeries(pool, runId, series, between),
      readUnits: (series, between) => readUnits(pool, series, between),
    }),
    ...replenishmentApi(sources),
  ],
  log: createLogger('forecast'),
  metrics,
});
