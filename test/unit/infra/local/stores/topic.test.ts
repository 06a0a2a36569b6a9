import { KafkaJSProtocolError } from 'kafkajs';
import { describe, expect, test } from 'vitest';
import { createTopicIfMissing, type TopicAdmin } from '../../../../../infra/local/stores/stores.ts';

type Metadata = Awaited<ReturnType<TopicAdmin['fetchTopicMetadata']>>;

const DEFINITION = { topic: 'sales', partitions: 2, retentionHours: 1 };

/** A cluster that gives these answers, in turn, to requests for the topic's metadata. */
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

/** The error that kafkajs makes of a response's code. Its types don't declare these fields of the constructor. */
function refusal(type: string, code: number): Error {
  const error: Error = Reflect.construct(KafkaJSProtocolError, [
    { type, code, message: type, retriable: true },
  ]);
  return error;
}

describe('creating a missing topic', () => {
  test('a missing topic is created, and awaited until every partition has a leader', async () => {
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

  test('a refusal of the cluster is thrown without a retry', async () => {
    const { kafka, asked } = cluster([refusal('TOPIC_AUTHORIZATION_FAILED', 29)]);
    await expect(createTopicIfMissing(kafka, DEFINITION)).rejects.toThrow('TOPIC_AUTHORIZATION_FAILED');
    expect(asked.at(-1)).toBe('disconnect');
  });
});

describe('checking an existing topic', () => {
  test('an existing topic is left unchanged', async () => {
    const { kafka, asked } = cluster([partitions(0, 0)], ['sales']);
    await createTopicIfMissing(kafka, DEFINITION);
    expect(asked).not.toContain('create');
  });

  test('an existing topic with fewer partitions is rejected', async () => {
    const { kafka } = cluster([partitions(0)], ['sales']);
    await expect(createTopicIfMissing(kafka, DEFINITION)).rejects.toThrow(
      /has 1 partitions instead of 2: delete it/,
    );
  });
});
