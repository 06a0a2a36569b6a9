import { readSettings } from '../../shared/settings.ts';
import { connectConsumer, consume, consumerSettings } from './consume.ts';

const dependencies = connectConsumer(readSettings(consumerSettings));

/** Invoked by the Kafka event source. Fails, and is invoked again with the same records, until they are stored. */
export async function handler(event: unknown): Promise<void> {
  await consume(dependencies, event);
}
