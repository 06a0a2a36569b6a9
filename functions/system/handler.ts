import { createApiHandler } from '../../shared/http/api-handler.ts';
import { openPool, READ_LIMIT_MS, select } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { createMetrics } from '../../shared/observability/metrics.ts';
import { kafkaSettings, mysqlSettings, readSettings, tableSettings } from '../../shared/settings.ts';
import { connectSimulationStore } from '../../shared/simulation/store.ts';
import { answerUnknownRoute, docsReader, docsSettings, routeTable, systemApi } from './api.ts';
import { briefly, openLagReader } from './consumer-lag.ts';
import { pipelineMonitor, runPositionReader } from './pipeline-progress.ts';
import { storedProof } from './proof.ts';
import { selectDeadLetters, selectUndecodable, storedRunEvents } from './run-totals.ts';

const settings = readSettings(
  tableSettings.extend(mysqlSettings.shape).extend(kafkaSettings.shape).extend(docsSettings.shape),
);
const metrics = createMetrics('system');
const log = createLogger('system');
const store = connectSimulationStore(settings);
/** A probe must reach the table itself. */
const probedStore = connectSimulationStore({ TABLE_NAME: settings.TABLE_NAME });
/** Metrics run up to three queries at a time; one of them waits, which costs less than a third connection. */
const pool = openPool(settings, { connectionLimit: 2, readLimitMs: READ_LIMIT_MS, metrics });
const lag = openLagReader(
  async () => {
    // Only health and metrics need Kafka's client; documentation and unknown routes start faster without it.
    const { kafkaClient } = await import('../../shared/kafka/client.ts');
    return kafkaClient(settings, 'system', log);
  },
  settings.KAFKA_TOPIC,
  settings.KAFKA_CONSUMER_GROUP,
);

/** Health, metrics, documentation, and responses to unknown paths. */
export const handler = createApiHandler({
  routes: systemApi(
    {
      probes: {
        mysql: () => select(pool, 'SELECT 1'),
        dynamodb: () => probedStore.readState(),
        kafka: () => lag.reach(),
      },
      pipeline: pipelineMonitor(runPositionReader(store), Date.now),
      undecodable: () => selectUndecodable(pool),
    },
    {
      store,
      events: storedRunEvents(pool),
      deadLetters: () => selectDeadLetters(pool),
      consumerLag: briefly(() => lag.consumerLag()),
      proof: storedProof(pool),
    },
    docsReader(settings.DOCS_DIRECTORY),
  ),
  fallback: (event) => answerUnknownRoute(routeTable, event),
  log,
  metrics,
});
