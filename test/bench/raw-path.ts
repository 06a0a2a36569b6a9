/**
 * The servers' own part of an advance: the unavoidable calls in sequence, with none of our code
 * between them.
 */
import { randomUUID } from 'node:crypto';
import { UpdateCommand } from '@aws-sdk/lib-dynamodb';
import { storeBatch, WRITER_SESSION } from '../../functions/consumer/event-writer.ts';
import { readPage } from '../../functions/feed/read-page.ts';
import { dynamodbConfigOf, kafkaSettingsOf, mysqlSettingsOf } from '../../infra/local/environment.ts';
import { createTopicIfMissing } from '../../infra/local/stores/stores.ts';
import { topic } from '../../infra/system.ts';
import { kafkaClient } from '../../shared/kafka/client.ts';
import { openBatchProducer } from '../../shared/kafka/producer.ts';
import { openPool } from '../../shared/mysql/connection.ts';
import { createLogger } from '../../shared/observability/logger.ts';
import { eventsOfDay, publishDay } from '../../shared/publication/sale-events.ts';
import { retryingClient } from '../../shared/simulation/dynamodb.ts';
import { saleEvent } from '../support/sale-events.ts';
import type { RunningSystem } from '../support/system.ts';
import { SALES_PER_DAY } from './bench-system.ts';
import { measured } from './figure.ts';

const REPETITIONS = 20;
const PUBLISH_WITHIN_MS = 10_000;

export interface RawPath {
  /** The sum of the calls in milliseconds (median of several rounds). */
  measure(): Promise<number>;
  close(): Promise<void>;
}

/** Apart from the system's own data: unused runs and an unused topic. */
export async function openRawPath({ addresses, names }: RunningSystem): Promise<RawPath> {
  const kafka = kafkaClient(kafkaSettingsOf(addresses, names), 'bench', createLogger('bench'));
  const rawTopic = `raw-${randomUUID()}`;
  await createTopicIfMissing(kafka, { ...topic, topic: rawTopic });
  const producer = openBatchProducer(kafka, PUBLISH_WITHIN_MS);
  const client = retryingClient(dynamodbConfigOf(addresses));
  const settings = mysqlSettingsOf(addresses, names.database);
  const writer = openPool(settings, {
    connectionLimit: 1,
    multipleStatements: true,
    session: WRITER_SESSION,
  });

  async function once(): Promise<number> {
    const runId = randomUUID();
    const facts = Array.from({ length: SALES_PER_DAY }, (_, index) =>
      saleEvent({ store_id: `S${index % 5}`, product_id: `P${index}` }),
    );
    const events = eventsOfDay(runId, 0, facts).map((event) => ({ event, traceId: null }));
    const begun = performance.now();
    await client.send(
      new UpdateCommand({
        TableName: names.table,
        Key: { pk: 'RAW', sk: 'RAW' },
        UpdateExpression: 'ADD clicks :one',
        ExpressionAttributeValues: { ':one': 1 },
      }),
    );
    await publishDay(producer, rawTopic, { runId, dayIndex: 0, facts, traceparent: null });
    await storeBatch(writer, { events, deadLetters: [] });
    await readPage(writer, { run_id: runId, position: { kind: 'after', id: 0 }, limit: 1_000 });
    return performance.now() - begun;
  }

  return {
    async measure() {
      // The first round opens the connections.
      await once();
      const samples: number[] = [];
      for (let repetition = 0; repetition < REPETITIONS; repetition += 1) samples.push(await once());
      return measured(samples).value;
    },
    async close() {
      client.destroy();
      await Promise.all([producer.close(), writer.end()]);
    },
  };
}
