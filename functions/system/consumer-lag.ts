import type { Admin, Kafka } from 'kafkajs';

/** How far a consumer group is behind, in messages. */
export interface ConsumerLag {
  readonly partitions: readonly { readonly partition: number; readonly lag: number }[];
  readonly total: number;
}

interface LagReader {
  /** Messages of the topic that the group has not committed, per partition and in total. @throws if Kafka is unavailable. */
  consumerLag(): Promise<ConsumerLag>;
  /** Resolves if a broker responds. @throws if none does. */
  reach(): Promise<void>;
  close(): Promise<void>;
}

/**
 * Reads a lag again only if the last one is older than 200 ms. Reading takes five requests, and the lag is never quite current: the
 * group commits what it stored a moment ago.
 *
 * @param now Milliseconds of a monotonic clock.
 */
export function briefly(
  read: () => Promise<ConsumerLag>,
  now: () => number = () => performance.now(),
): () => Promise<ConsumerLag> {
  let known: { readonly lag: ConsumerLag; readonly at: number } | undefined;
  return async () => {
    const at = now();
    if (known && at - known.at < KEPT_MS) return known.lag;
    const lag = await read();
    known = { lag, at };
    return lag;
  };
}

const KEPT_MS = 200;

/**
 * Reads a group's lag over one connection, opened on first use and reopened after a failure.
 *
 * @param openKafka Called for each connection, so that Kafka's client is only loaded when needed.
 * @returns A reader whose methods throw kafkajs's errors; the next call connects again.
 */
export function openLagReader(openKafka: () => Promise<Kafka>, topic: string, groupId: string): LagReader {
  let current: Promise<Admin> | undefined;

  async function close(): Promise<void> {
    const closing = current;
    current = undefined;
    await closing?.then((admin) => admin.disconnect()).catch(() => undefined);
  }

  async function withAdmin<Result>(use: (admin: Admin) => Promise<Result>): Promise<Result> {
    current ??= connect(openKafka);
    try {
      return await use(await current);
    } catch (error) {
      void close();
      throw error;
    }
  }

  return {
    consumerLag: () => withAdmin((admin) => readLag(admin, topic, groupId)),
    reach: () => withAdmin(async (admin) => void (await admin.describeCluster())),
    close,
  };
}

async function connect(openKafka: () => Promise<Kafka>): Promise<Admin> {
  const admin = (await openKafka()).admin();
  await admin.connect();
  return admin;
}

async function readLag(admin: Admin, topic: string, groupId: string): Promise<ConsumerLag> {
  const [ends, groups] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId, topics: [topic] }),
  ]);
  const committed = new Map(
    groups[0]?.partitions.map(({ partition, offset }) => [partition, Number(offset)]),
  );
  const partitions = ends
    .map(({ partition, high, low }) => {
      const offset = committed.get(partition) ?? -1;
      // A group that has never committed (-1) lags by every message of the partition.
      return { partition, lag: Number(high) - (offset < 0 ? Number(low) : offset) };
    })
    .sort((a, b) => a.partition - b.partition);
  return { partitions, total: partitions.reduce((sum, { lag }) => sum + lag, 0) };
}
