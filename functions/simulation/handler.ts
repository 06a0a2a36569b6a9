import { createApiHandler } from '../../shared/http/api-handler.ts';
import { apiToken, apiTokenSettings } from '../../shared/http/api-token.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { readSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { simulationApi } from './api.ts';

const settings = readSettings(tableSettings.extend(apiTokenSettings.shape));
const metrics = createMetrics('simulation');

/** Controls the simulation: init, next-day, reset, day-total and status. */
export const handler = createApiHandler({
  routes: simulationApi(connectSimulationStore(settings), () => new Date()),
  token: apiToken(settings),
  log: createLogger('simulation'),
  metrics,
});
