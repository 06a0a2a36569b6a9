import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import { withDeadline } from '../deadline.ts';

/** One message: the key decides the partition, headers and value are sent as UTF-8. */
export interface OutgoingMessage {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BatchProducer {
  /**
   * Sends messages in order, idempotently, and resolves when every in-sync replica has all of them (`acks=all`).
   *
   * @throws PublishError if that isn't certain within the deadline. Some messages may have arrived; send all of them again,
   *   consumers recognise repeated events by their ids.
   */
  send(topic: string, messages: readonly OutgoingMessage[]): Promise<void>;
  close(): Promise<void>;
}

/** Kafka refused a batch or did not acknowledge it in time. A retry can help. */
export class PublishError extends Error {
  readonly retriable = true;

  constructor(topic: string, count: number, cause: unknown) {
    super(`Kafka did not acknowledge ${count} messages to ${topic}; they may be sent again.`, { cause });
    this.name = 'PublishError';
  }
}

/**
 * Opens a producer that connects on first use. An idempotent producer of kafkajs retries forever and can't recover when a
 * broker has lost its sequence numbers, so after any failure the next send uses a new one.
 *
 * @param deadlineMs Milliseconds that one send may take in total.
 */
export function openBatchProducer(kafka: Pick<Kafka, 'producer'>, deadlineMs: number): BatchProducer {
  let current: Promise<Producer> | undefined;

  async function discard(): Promise<void> {
    const failed = current;
    current = undefined;
    await failed?.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  return {
    async send(topic, messages) {
      current ??= connect(kafka);
      try {
        const late = () => new Error(`no answer within ${deadlineMs} ms`);
        await withDeadline(deadlineMs, sendAll(current, topic, messages), late);
      } catch (error) {
        void discard();
        throw new PublishError(topic, messages.length, error);
      }
    },
    close: discard,
  };
}

async function connect(kafka: Pick<Kafka, 'producer'>): Promise<Producer> {
  const producer = kafka.producer({
    idempotent: true,
    maxInFlightRequests: 1,
    createPartitioner: Partitioners.DefaultPartitioner,
  });
  await producer.connect();
  return producer;
}

async function sendAll(
  connecting: Promise<Producer>,
  topic: string,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  const producer = await connecting;
  await producer.send({ topic, acks: -1, messages: messages.map((message) => ({ ...message })) });
}
