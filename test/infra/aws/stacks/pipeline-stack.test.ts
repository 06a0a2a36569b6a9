import { beforeAll, describe, expect, it } from 'vitest';
import { deployedSystem } from '../../../../infra/system.ts';
import { resourcesOf, type Synthesis, synthesize } from '../synthesis.ts';

let synthesis: Synthesis;

beforeAll(() => {
  synthesis = synthesize();
});

function mapping(id: string) {
  const found = resourcesOf(synthesis.template('pipeline'), 'AWS::Lambda::EventSourceMapping')[id];
  if (!found) throw new Error(`There is no event source mapping ${id}.`);
  return found;
}

describe('the event source of the producer', () => {
  it('the producer is invoked by accepted days, from the oldest in the stream', () => {
    expect(mapping('producerStream').Properties).toMatchObject({
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: deployedSystem.eventSources.stream?.batchSize,
      FilterCriteria: {
        Filters: [
          {
            Pattern:
              '{"dynamodb":{"Keys":{"sk":{"S":["STATE"]}},"NewImage":{"day_index":{"N":[{"anything-but":["-1"]}]}}}}',
          },
        ],
      },
    });
  });

  it('the producer is retried without limit, one batch of a shard at a time', () => {
    expect(mapping('producerStream').Properties).toMatchObject({
      MaximumRetryAttempts: -1,
      MaximumRecordAgeInSeconds: -1,
      BisectBatchOnFunctionError: false,
      ParallelizationFactor: 1,
    });
  });
});

describe('the event source of the consumer', () => {
  it('the consumer is invoked by the topic as its own consumer group, without a batching window', () => {
    const { topic } = deployedSystem.eventSources;
    expect(mapping('consumerTopic').Properties).toMatchObject({
      Topics: [deployedSystem.topic.name],
      AmazonManagedKafkaEventSourceConfig: { ConsumerGroupId: topic?.consumerGroup },
      StartingPosition: 'TRIM_HORIZON',
      BatchSize: topic?.batchSize,
      MaximumBatchingWindowInSeconds: 0,
    });
  });

  it('the consumer has at most as many environments as the topic has partitions', () => {
    synthesis.template('pipeline').hasResourceProperties('AWS::Lambda::Function', {
      FunctionName: 'rtm-dev-consumer',
      ReservedConcurrentExecutions: deployedSystem.topic.partitions,
    });
  });
});

describe('event sources', () => {
  it.each(['producerStream', 'consumerTopic'])(
    'the event source %s never drops, splits or diverts a batch',
    (id) => {
      const { Properties } = mapping(id);
      expect(Properties).not.toHaveProperty('DestinationConfig');
      expect(Properties).not.toHaveProperty('FunctionResponseTypes');
      expect(Properties).not.toHaveProperty('ProvisionedPollerConfig');
      expect(Properties.BisectBatchOnFunctionError ?? false).toBe(false);
      expect(Properties.MaximumRetryAttempts ?? -1).toBe(-1);
      expect(Properties.MaximumRecordAgeInSeconds ?? -1).toBe(-1);
    },
  );

  it.each(['producerStream', 'consumerTopic'])(
    "the event source %s is created after its role's permissions",
    (id) => {
      expect(
        mapping(id).DependsOn?.some(
          (other) => other.includes('RoleDefaultPolicy') || other.includes('Function'),
        ),
      ).toBe(true);
    },
  );
});

describe('the schedule of the reconciliation', () => {
  it('the reconciliation runs every five minutes without retries', () => {
    const template = synthesis.template('pipeline');
    template.hasResourceProperties('AWS::Events::Rule', {
      ScheduleExpression: 'rate(5 minutes)',
      State: 'ENABLED',
    });
    template.hasResourceProperties('AWS::Lambda::EventInvokeConfig', { MaximumRetryAttempts: 0 });
  });
});
