import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { EventSources } from '../../system-description.ts';
import type { SharedResources } from '../shared-resources.ts';
import { FunctionStack } from './function-stack.ts';
import type { TopicAccess } from './streaming-stack.ts';
import { allow, stageName } from './system-stack.ts';

/** "Without limit": neither attempts nor age end the retries of a batch. */
const UNLIMITED = -1;

/**
 * From the table's stream over Kafka to MySQL. Both event sources retry a batch until it succeeds: no limit of attempts or
 * age, no split, no destination for what failed, for each would turn a long outage into loss. Alarms stand in for them.
 */
export class PipelineStack extends FunctionStack {
  readonly streamMapping: CfnEventSourceMapping | undefined;
  readonly topicMapping: CfnEventSourceMapping | undefined;

  constructor(scope: Construct, resources: SharedResources) {
    super(
      scope,
      'pipeline',
      'Retail Time Machine: stream → Kafka → MySQL, and the reconciliation',
      resources,
    );
    const { stream, topic, schedules = [] } = resources.system.eventSources;
    this.streamMapping = stream && this.followStream(stream, resources);
    this.topicMapping = topic && this.followTopic(topic, resources);
    for (const schedule of schedules) this.invokeRegularly(schedule);
  }

  private followStream(source: EventSources['stream'], resources: SharedResources): CfnEventSourceMapping {
    const target = this.functionOf(source.function);
    const { tableStreamArn } = resources.storage.table;
    if (tableStreamArn === undefined) throw new Error('The table has no stream for the producer to follow.');
    target.allow(streamSourceGrants(tableStreamArn));
    return this.mappingAfterGrants(`${source.function}Stream`, target, {
      eventSourceArn: tableStreamArn,
      functionName: target.lambda.functionName,
      batchSize: source.batchSize,
      startingPosition: source.startingPosition,
      filterCriteria: { filters: source.filters.map((filter) => ({ pattern: JSON.stringify(filter) })) },
      maximumRetryAttempts: UNLIMITED,
      maximumRecordAgeInSeconds: UNLIMITED,
      bisectBatchOnFunctionError: false,
      parallelizationFactor: 1,
    });
  }

  private followTopic(source: EventSources['topic'], resources: SharedResources): CfnEventSourceMapping {
    const target = this.functionOf(source.function);
    const { access, topic } = resources.streaming;
    target.allow(topicSourceGrants(access, source.consumerGroup));
    return this.mappingAfterGrants(`${source.function}Topic`, target, {
      eventSourceArn: access.clusterArn,
      functionName: target.lambda.functionName,
      topics: [topic.topicName],
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: source.consumerGroup },
      batchSize: source.batchSize,
      // A viewer waits: don't gather messages for the half second that is the default for Kafka.
      maximumBatchingWindowInSeconds: 0,
      startingPosition: source.startingPosition,
    });
  }

  /** Lambda checks the role's rights when it creates a mapping, so it is created after them. */
  private mappingAfterGrants(
    id: string,
    target: ReturnType<FunctionStack['functionOf']>,
    props: ConstructorParameters<typeof CfnEventSourceMapping>[2],
  ): CfnEventSourceMapping {
    const mapping = new CfnEventSourceMapping(this, id, props);
    mapping.node.addDependency(target.lambda);
    return mapping;
  }

  private invokeRegularly({ function: name, everyMinutes }: EventSources['schedules'][number]): void {
    const target = this.functionOf(name);
    const interval = Duration.minutes(everyMinutes);
    new Rule(this, `${name}Schedule`, {
      ruleName: stageName(this.stage, `${name}-schedule`),
      description: `Invokes ${name} every ${everyMinutes} minutes`,
      schedule: Schedule.rate(interval),
      targets: [new LambdaFunction(target.lambda, { maxEventAge: interval })],
    });
    // What failed is tried again by the next one.
    target.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: interval });
  }
}

/** What the event source's poller does in the name of the function that it invokes. */
function topicSourceGrants(access: TopicAccess, consumerGroup: string): PolicyStatement[] {
  const { clusterArn, topicArn } = access;
  return [
    allow(['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], [clusterArn]),
    allow(['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'], [clusterArn]),
    allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], [topicArn]),
    allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], [access.groupArn(consumerGroup)]),
    // Read-only and without a resource to name.
    allow(['ec2:DescribeVpcs', 'ec2:DescribeSecurityGroups'], ['*']),
  ];
}

/** What the poller of a table's stream does in the name of its function. */
function streamSourceGrants(streamArn: string): PolicyStatement[] {
  return [
    allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [streamArn]),
    // Read-only and without a resource to name.
    allow(['dynamodb:ListStreams'], ['*']),
  ];
}
