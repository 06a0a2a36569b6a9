import type { Consumer, EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { type Closing, createClosing } from './event-source.ts';
import { type SilentFetchesOptions, watchSilentFetches } from './silent-fetches.ts';

/** A message of the topic. */
export interface TopicRecord {
  readonly partition: number;
  readonly offset: number;
  /** Milliseconds since 1970. */
  readonly timestamp: number;
  readonly timestampType: 'CREATE_TIME' | 'LOG_APPEND_TIME';
  readonly key: Buffer | null;
  /** Null for a tombstone. */
  readonly value: Buffer | null;
  /** In the order of the message, except that headers of the same name are adjacent. */
  readonly headers: readonly (readonly [name: string, value: Buffer])[];
}

export interface TopicReaderOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly groupId: string;
  /**
   * Receives records of one partition, in order. The reader continues when the returned promise resolves, and stays a member
   * of the group until then.
   */
  readonly onRecords: (records: readonly TopicRecord[]) => Promise<void>;
  /**
   * Partitions were reassigned: records handed over but not committed are delivered again, here or elsewhere.
   *
   * @returns the partitions that must not be fetched until they are resumed.
   */
  readonly onAssigned: (partitions: readonly number[], resume: Resume) => readonly number[];
  /** Every broker that was asked since the group was joined has answered, with fetches that could be decoded. */
  readonly onFetched: () => void;
  readonly findBroken: SilentFetchesOptions['findBroken'];
  /** The reader failed; called at most once. */
  readonly onFailure: (reason: unknown) => void;
}

/** Fetches a partition again, from an offset unless that is null. */
export type Resume = (partition: number, offset: number | null) => void;

export interface TopicReader {
  /** Commits the given offset of each partition. @throws if the group has been reassigned meanwhile. */
  commit(nextOffsets: ReadonlyMap<number, number>): Promise<void>;
  /** Leaves the group, so that other members needn't wait for a timeout. */
  close(): Promise<void>;
}

/**
 * `sessionTimeout` is the minimum that brokers allow, because a killed reader keeps its partitions that long. A heartbeat also
 * tells a reader that another one is joining, which is rare: four per session are enough. An idle reader leaves when its
 * fetch ends (MAX_WAIT_MS); with the default that would take seconds.
 */
const MEMBERSHIP = { sessionTimeout: 6_000, rebalanceTimeout: 10_000, heartbeatInterval: 1_500 } as const;
const MAX_WAIT_MS = 500;

/** More than a topic has partitions, so that everything fetched is handed over at once. */
const CONCURRENCY = 128;

/**
 * Reads a topic as a member of a consumer group, from the oldest message if the group has no position. It fetches ahead of the
 * committed offsets; `onRecords` decides how far.
 *
 * @throws if it can't join.
 */
export async function openTopicReader(options: TopicReaderOptions): Promise<TopicReader> {
  const { kafka, topic, groupId } = options;
  const consumer = kafka.consumer({
    groupId,
    ...MEMBERSHIP,
    maxWaitTimeInMs: MAX_WAIT_MS,
    // The caller reopens a reader that failed, and decides when.
    retry: { restartOnFailure: async () => false },
  });
  const closing = createClosing();
  let closed = false;

  async function close(): Promise<void> {
    closed = true;
    closing.close();
    silent.stop();
    await consumer.disconnect();
  }

  function fail(reason: unknown): void {
    if (!closed) options.onFailure(reason);
    closed = true;
  }

  const resume: Resume = (partition, offset) => {
    if (offset !== null) consumer.seek({ topic, partition, offset: String(offset) });
    silent.seek(partition, offset);
    consumer.resume([{ topic, partitions: [partition] }]);
  };

  const silent = watchSilentFetches({ consumer, findBroken: options.findBroken, onFailure: fail });
  /** No record is delivered while a batch before it may have been skipped. */
  const onRecords = async (records: readonly TopicRecord[]) => {
    await silent.searched();
    if (!closed) await options.onRecords(records);
  };
  const brokers = trackBrokers(options.onFetched);
  consumer.on(consumer.events.GROUP_JOIN, ({ payload }) => {
    brokers.forget();
    silent.forget();
    const held = options.onAssigned(payload.memberAssignment[topic] ?? [], resume);
    consumer.pause([{ topic, partitions: [...held] }]);
  });
  consumer.on(consumer.events.FETCH_START, ({ payload }) => brokers.asked(payload.nodeId));
  consumer.on(consumer.events.FETCH, ({ payload }) => brokers.answered(payload.nodeId));
  consumer.on(consumer.events.CRASH, ({ payload }) => fail(payload.error));
  try {
    await consumer.connect();
    await consumer.subscribe({ topic, fromBeginning: true });
    await run(consumer, onRecords, closing);
  } catch (error) {
    closed = true;
    silent.stop();
    await consumer.disconnect().catch(() => undefined);
    throw error;
  }

  return { commit: (nextOffsets) => commit(consumer, topic, nextOffsets), close };
}

/**
 * Each broker is fetched from on its own. One that answers must not hide another whose answers can't be decoded.
 *
 * @param onFetched Called at an answer if no broker that was asked has yet to give its first.
 */
export function trackBrokers(onFetched: () => void) {
  const silent = new Set<number>();
  const heard = new Set<number>();
  return {
    forget() {
      silent.clear();
      heard.clear();
    },
    asked(nodeId: number) {
      if (!heard.has(nodeId)) silent.add(nodeId);
    },
    answered(nodeId: number) {
      heard.add(nodeId);
      silent.delete(nodeId);
      if (silent.size === 0) onFetched();
    },
  };
}

async function run(
  consumer: Consumer,
  onRecords: TopicReaderOptions['onRecords'],
  closing: Closing,
): Promise<void> {
  await consumer.run({
    autoCommit: false,
    partitionsConsumedConcurrently: CONCURRENCY,
    async eachBatch({ batch, heartbeat }) {
      const records = batch.messages.map((message) => topicRecord(batch.partition, message));
      await whileAlive(closing.orClosed(onRecords(records)), heartbeat);
    },
  });
}

/** @throws when the group changes, so that the library joins it again. */
async function whileAlive(work: Promise<void>, heartbeat: EachBatchPayload['heartbeat']): Promise<void> {
  let isDone = false;
  const done = work.finally(() => {
    isDone = true;
  });
  while (!isDone) {
    await heartbeat();
    await settledWithin(MEMBERSHIP.heartbeatInterval, done);
  }
  await done;
}

async function settledWithin(milliseconds: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, milliseconds);
  });
  await Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}

async function commit(
  consumer: Consumer,
  topic: string,
  nextOffsets: ReadonlyMap<number, number>,
): Promise<void> {
  const positions = [...nextOffsets].map(([partition, offset]) => ({
    topic,
    partition,
    offset: String(offset),
  }));
  await consumer.commitOffsets(positions);
}

/** @param message As kafkajs decodes it: a header without a value is null, also among the values of a repeated name. */
export function topicRecord(partition: number, message: KafkaMessage): TopicRecord {
  return {
    partition,
    offset: Number(message.offset),
    timestamp: Number(message.timestamp),
    timestampType: isAppendTime(message) ? 'LOG_APPEND_TIME' : 'CREATE_TIME',
    key: message.key,
    value: message.value,
    headers: Object.entries(message.headers ?? {}).flatMap(([name, value]) => headerValues(name, value)),
  };
}

/** The library's types leave out null. */
type HeaderValue = Buffer | string | null | undefined;

function headerValues(name: string, value: HeaderValue | readonly HeaderValue[]): [string, Buffer][] {
  return [value]
    .flat()
    .map((one) => [name, typeof one === 'string' ? Buffer.from(one) : (one ?? Buffer.alloc(0))]);
}

/** The library's types leave out the context of the batch that a message came in. */
function isAppendTime(message: KafkaMessage & { batchContext?: { timestampType?: number } }): boolean {
  return message.batchContext?.timestampType === 1;
}
