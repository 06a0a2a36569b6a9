import type { Admin, Kafka } from 'kafkajs';

/** A topic as the system describes it. */
export interface TopicDefinition {
  readonly topic: string;
  readonly partitions: number;
  readonly retentionHours: number;
}

/**
 * Creates the topic unless it is there, for a broker of one's own; one replica. Resolves when its partitions have leaders.
 *
 * @throws if no broker answers, or if the topic is there with fewer partitions: then keys would move between them.
 */
export async function createTopicIfMissing(kafka: Kafka, definition: TopicDefinition): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = await admin.listTopics();
    if (!existing.includes(definition.topic)) await create(admin, definition);
    else await checkPartitions(admin, definition);
  } finally {
    await admin.disconnect();
  }
}

async function create(admin: Admin, { topic, partitions, retentionHours }: TopicDefinition): Promise<void> {
  // Resolves with false if somebody else has created it meanwhile.
  await admin.createTopics({
    waitForLeaders: true,
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

async function checkPartitions(admin: Admin, { topic, partitions }: TopicDefinition): Promise<void> {
  const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
  const found = topics[0]?.partitions.length ?? 0;
  if (found !== partitions) {
    throw new Error(
      `The topic ${topic} has ${found} partitions instead of ${partitions}: delete it, or start with empty stores.`,
    );
  }
}
