// Each invocation publishes, so Kafka's client is loaded during initialization, when no request waits for it.
import '../../shared/kafka/client.ts';
import '../../shared/kafka/producer.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { connectPublication, publisherSettings } from '../../shared/publication/dependencies.ts';
import { readSettings } from '../../shared/settings.ts';
import { produce } from './produce.ts';

const log = createLogger('producer');
const dependencies = connectPublication(readSettings(publisherSettings), 'producer', log);
// Its handshake takes several round trips, which the first day would wait for.
dependencies.connectAhead();

/** Invoked by the table's stream. Fails, and is invoked again with the same records, until their days are published. */
export async function handler(event: unknown): Promise<void> {
  await produce(dependencies, log, event);
}
