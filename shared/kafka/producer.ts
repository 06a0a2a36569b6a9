import { type Kafka, Partitioners, type Producer } from 'kafkajs';
import { withDeadline } from '../deadline.ts';

/** One message: the key decides the partition, headers and value are sent as UTF-8. */
export interface OutgoingMessage {
  readonly key: string | Buffer | null;
  readonly value: string | Buffer | null;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface BatchProducer {
  /** Connects before the first message, so that it needn't wait for that. If it fails, the first message connects. */
  connectAhead(): void;
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
 * Bytes of messages in one request. kafkajs sends what a request has for a partition as one record batch, and brokers refuse
 * batches above their `message.max.bytes`, by default 1,048,588.
 */
const MAX_REQUEST_BYTES = 900_000;

/** An upper bound of what the record format adds to a message and to each of its headers. */
const RECORD_BYTES = 40;
const HEADER_BYTES = 10;

/**
 * Opens a producer that connects on first use. An idempotent producer of kafkajs retries forever and can't recover when a
 * broker has lost its sequence numbers, so after any failure the next send uses a new one.
 *
 * @param deadlineMs Milliseconds that one request may take in total. Messages of less than 900 KB are one request.
 */
export function openBatchProducer(kafka: Pick<Kafka, 'producer'>, deadlineMs: number): BatchProducer {
  let current: Promise<Producer> | undefined;

  async function discard(): Promise<void> {
    const failed = current;
    current = undefined;
    await failed?.then((producer) => producer.disconnect()).catch(() => undefined);
  }

  return {
    connectAhead() {
      if (current) return;
      const connecting = connect(kafka);
      current = connecting;
      connecting.catch(() => {
        if (current === connecting) void discard();
      });
    },
    async send(topic, messages) {
      current ??= connect(kafka);
      try {
        const late = () => new Error(`no answer within ${deadlineMs} ms`);
        for (const part of requestsOf(messages))
          await withDeadline(deadlineMs, sendOne(current, topic, part), late);
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

/** Divides messages, in order, into requests that no broker refuses for their size. A larger message is a request of its own. */
export function requestsOf<Message extends OutgoingMessage>(messages: readonly Message[]): Message[][] {
  const requests: Message[][] = [];
  let request: Message[] = [];
  let bytes = 0;
  for (const message of messages) {
    const size = sizeOf(message);
    if (request.length === 0 || bytes + size > MAX_REQUEST_BYTES) {
      request = [];
      bytes = 0;
      requests.push(request);
    }
    request.push(message);
    bytes += size;
  }
  return requests;
}

function sizeOf({ key, value, headers = {} }: OutgoingMessage): number {
  const ofHeaders = Object.entries(headers).map(
    ([name, text]) => HEADER_BYTES + Buffer.byteLength(name) + Buffer.byteLength(text),
  );
  const content = Buffer.byteLength(key ?? '') + Buffer.byteLength(value ?? '');
  return ofHeaders.reduce((sum, size) => sum + size, RECORD_BYTES + content);
}

async function sendOne(
  connecting: Promise<Producer>,
  topic: string,
  messages: readonly OutgoingMessage[],
): Promise<void> {
  const producer = await connecting;
  await producer.send({ topic, acks: -1, messages: messages.map((message) => ({ ...message })) });
}
