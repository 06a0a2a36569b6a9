import { setTimeout as wait } from 'node:timers/promises';
import type { Admin } from 'kafkajs';

/** A topic as the system describes it. */
export interface TopicDefinition {
  readonly topic: string;
  readonly partitions: number;
  readonly retentionHours: number;
}

/** The part of kafkajs's admin client that is used. */
export type TopicAdmin = Pick<
  Admin,
  'connect' | 'disconnect' | 'listTopics' | 'createTopics' | 'fetchTopicMetadata'
>;

/** If a new topic isn't available by then, the cluster is broken. */
const SERVED_WITHIN_MS = 30_000;
const POLL_EVERY_MS = 50;

/**
 * Creates the topic with one replica if it is missing, on a local or external broker. Resolves when its partitions have leaders.
 *
 * @throws if no broker answers, or if the topic has another number of partitions: changing it would move keys between them.
 */
export async function createTopicIfMissing(
  kafka: { admin(): TopicAdmin },
  definition: TopicDefinition,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = await admin.listTopics();
    if (!existing.includes(definition.topic)) await create(admin, definition);
    checkPartitions(await servedPartitions(admin, definition.topic), definition);
  } finally {
    await admin.disconnect();
  }
}

async function create(
  admin: TopicAdmin,
  { topic, partitions, retentionHours }: TopicDefinition,
): Promise<void> {
  // Resolves with false if another process has created it meanwhile. kafkajs itself (2.2) waits for leaders only if the broker
  // knows the topic already.
  await admin.createTopics({
    waitForLeaders: false,
    timeout: SERVED_WITHIN_MS,
    topics: [
      {
        topic,
        numPartitions: partitions,
        replicationFactor: 1,
        configEntries: [{ name: 'retention.ms', value: String(retentionHours * 3_600_000) }],
      },
    ],
  });
}

/**
 * Waits until the topic is available: brokers learn of a new one from the controller's log, some time after its creation.
 *
 * @returns how many partitions it has.
 */
async function servedPartitions(admin: TopicAdmin, topic: string): Promise<number> {
  const end = performance.now() + SERVED_WITHIN_MS;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics[0]?.partitions ?? [];
      if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) return partitions.length;
      if (performance.now() > end)
        throw new Error(`The topic ${topic} has no leaders for all its partitions.`);
    } catch (error) {
      if (!isYetToCome(error) || performance.now() > end) throw error;
    }
    await wait(POLL_EVERY_MS);
  }
}

/** Compares the error's `type`, because Node can't import kafkajs's error classes from an ES module. */
function isYetToCome(error: unknown): boolean {
  const yetToCome = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'];
  return error instanceof Error && 'type' in error && yetToCome.includes(String(error.type));
}

function checkPartitions(found: number, { topic, partitions }: TopicDefinition): void {
  if (found !== partitions) {
    throw new Error(
      `The topic ${topic} has ${found} partitions instead of ${partitions}: delete it, or start with empty stores.`,
    );
  }
}
