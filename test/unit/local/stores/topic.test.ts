import { KafkaJSProtocolError } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { createTopicIfMissing, type TopicAdmin } from '../../../../infra/local/stores/topic.ts';

type Metadata = Awaited<ReturnType<TopicAdmin['fetchTopicMetadata']>>;

const DEFINITION = { topic: 'sales', partitions: 2, retentionHours: 1 };

/** A cluster that answers questions for the topic with one after the other of these. */
function cluster(answers: readonly (Metadata | Error)[], existing: readonly string[] = []) {
  const asked: string[] = [];
  const left = [...answers];
  const admin: TopicAdmin = {
    connect: async () => void asked.push('connect'),
    disconnect: async () => void asked.push('disconnect'),
    listTopics: async () => [...existing],
    createTopics: async () => {
      asked.push('create');
      return true;
    },
    fetchTopicMetadata: async () => {
      asked.push('metadata');
      const answer = left.shift() ?? expect.unreachable('asked once more');
      if (answer instanceof Error) throw answer;
      return answer;
    },
  };
  return { kafka: { admin: () => admin }, asked };
}

function partitions(...leaders: readonly number[]): Metadata {
  const list = leaders.map((leader, partitionId) => ({
    partitionErrorCode: 0,
    partitionId,
    leader,
    replicas: [0],
    isr: [0],
  }));
  return { topics: [{ name: 'sales', partitions: list }] };
}

/** As kafkajs makes it of an answer's code; its declaration lacks that the constructor takes these fields. */
function refusal(type: string, code: number): Error {
  const error: Error = Reflect.construct(KafkaJSProtocolError, [
    { type, code, message: type, retriable: true },
  ]);
  return error;
}

describe('a topic that is missing', () => {
  test('is created, and waited for until the broker knows it and each partition has a leader', async () => {
    const { kafka, asked } = cluster([
      refusal('UNKNOWN_TOPIC_OR_PARTITION', 3),
      refusal('LEADER_NOT_AVAILABLE', 5),
      partitions(0, -1),
      partitions(0, 0),
    ]);
    await createTopicIfMissing(kafka, DEFINITION);
    expect(asked).toEqual([
      'connect',
      'create',
      'metadata',
      'metadata',
      'metadata',
      'metadata',
      'disconnect',
    ]);
  });

  test('is not waited for where the cluster refuses', async () => {
    const { kafka, asked } = cluster([refusal('TOPIC_AUTHORIZATION_FAILED', 29)]);
    await expect(createTopicIfMissing(kafka, DEFINITION)).rejects.toThrow('TOPIC_AUTHORIZATION_FAILED');
    expect(asked.at(-1)).toBe('disconnect');
  });
});

describe('a topic that is there', () => {
  test('is left alone', async () => {
    const { kafka, asked } = cluster([partitions(0, 0)], ['sales']);
    await createTopicIfMissing(kafka, DEFINITION);
    expect(asked).not.toContain('create');
  });

  test('with other partitions is refused', async () => {
    const { kafka } = cluster([partitions(0)], ['sales']);
    await expect(createTopicIfMissing(kafka, DEFINITION)).rejects.toThrow(
      /has 1 partitions instead of 2: delete it/,
    );
  });
});
