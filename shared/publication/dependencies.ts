import * as z from 'zod';
import type { BatchProducer } from '../kafka/producer.ts';
import { openPool, type Pool } from '../mysql/connection.ts';
import type { Logger } from '../observability/logger.ts';
import { createMetrics } from '../observability/metrics.ts';
import { kafkaSettings, mysqlSettings, tableSettings } from '../settings.ts';
import { connectSimulationStore, type SimulationStore } from '../simulation/store.ts';
import type { PublicationDependencies } from './publication.ts';
import { publishDay, salesOfDates } from './sale-events.ts';

/** Settings of every function that publishes. */
export const publisherSettings = z.object({
  ...mysqlSettings.shape,
  ...kafkaSettings.shape,
  ...tableSettings.shape,
});

/** Time for one day's batch to be acknowledged; a healthy broker takes a few milliseconds. */
export const PUBLISH_DEADLINE_MS = 15_000;

/** Connects a publication to MySQL, Kafka and DynamoDB, for the producer and the reconciliation. */
export function connectPublication(
  settings: z.infer<typeof publisherSettings>,
  clientId: string,
  log: Logger,
): PublicationDependencies & {
  readonly pool: Pool;
  readonly store: SimulationStore;
  /** Connects to Kafka before there is a day to publish. */
  readonly connectAhead: () => void;
} {
  const pool = openPool(settings, { connectionLimit: 1, metrics: createMetrics(clientId) });
  let producer: Promise<BatchProducer> | undefined;
  return {
    pool,
    store: connectSimulationStore(settings),
    salesOfDates: (dates) => salesOfDates(pool, dates),
    async publishDay(day) {
      producer ??= openProducer(settings, clientId, log);
      await publishDay(await producer, settings.KAFKA_TOPIC, day);
    },
    connectAhead() {
      producer ??= openProducer(settings, clientId, log);
      // What fails here fails again with the first day, and is reported then.
      producer.then((opened) => opened.connectAhead()).catch(() => undefined);
    },
    now: () => new Date().toISOString(),
  };
}

/** Loads Kafka's client with the first day to publish: most runs of the reconciliation find none. */
async function openProducer(
  settings: z.infer<typeof kafkaSettings>,
  clientId: string,
  log: Logger,
): Promise<BatchProducer> {
  const [{ kafkaClient }, { openBatchProducer }] = await Promise.all([
    import('../kafka/client.ts'),
    import('../kafka/producer.ts'),
  ]);
  return openBatchProducer(kafkaClient(settings, clientId, log), PUBLISH_DEADLINE_MS);
}
