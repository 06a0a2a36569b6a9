import { produce } from '../../../functions/producer/produce.ts';
import { compressingClient } from '../../../infra/lambda-host/test/support/foreign-batches.ts';
import { kafkaClient } from '../../../shared/kafka/client.ts';
import { openBatchProducer } from '../../../shared/kafka/producer.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import {
  connectPublication,
  PUBLISH_DEADLINE_MS,
  publisherSettings,
} from '../../../shared/publication/dependencies.ts';
import type { PublicationDependencies } from '../../../shared/publication/publication.ts';
import { publishDay } from '../../../shared/publication/sale-events.ts';
import { readSettings } from '../../../shared/settings.ts';
import { reach } from './reach.ts';

const log = createLogger('producer');
const settings = readSettings(publisherSettings);
const real = connectPublication(settings, 'producer', log);
/** Like the deployed one, but each day is compressed with another codec, as other producers might. */
const compressing = openBatchProducer(
  compressingClient(kafkaClient(settings, 'producer', log)),
  PUBLISH_DEADLINE_MS,
);

const dependencies: PublicationDependencies = {
  ...real,
  async publishDay(day) {
    await reach('publish');
    await publishDay(compressing, settings.KAFKA_TOPIC, day);
    await reach('published');
  },
  store: {
    ...real.store,
    async raisePublishedIndex(runId, dayIndex) {
      await reach('published_index');
      await real.store.raisePublishedIndex(runId, dayIndex);
    },
  },
};

/** The producer with its fault points. */
export async function handler(event: unknown): Promise<void> {
  const verdict = await reach('record');
  if (verdict === 'lost') return;
  await produce(dependencies, log, event);
  if (verdict === 'twice') await produce(dependencies, log, event);
}
