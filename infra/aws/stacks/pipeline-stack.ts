import { Duration } from 'aws-cdk-lib';
import { Rule, Schedule } from 'aws-cdk-lib/aws-events';
import { LambdaFunction } from 'aws-cdk-lib/aws-events-targets';
import type { PolicyStatement } from 'aws-cdk-lib/aws-iam';
import { CfnEventSourceMapping, type CfnEventSourceMappingProps } from 'aws-cdk-lib/aws-lambda';
import type { Construct } from 'constructs';
import type { EventSources } from '../../system-description.ts';
import { allow, stageName } from '../system-stack.ts';
import type { BrokerAccess } from './broker-stack.ts';
import { FunctionStack } from './function-stack.ts';
import type { NetworkStack } from './network-stack.ts';
import type { SharedResources } from './shared-resources.ts';
import type { TopicAccess } from './streaming-stack.ts';

/** "Without limit": neither attempts nor age end the retries of a batch. */
const UNLIMITED = -1;

/**
 * From the table's stream through Kafka to MySQL. Both event sources retry a batch until it succeeds. A limit of attempts or age, a
 * split or a failure destination would turn a long outage into loss; alarms report it instead.
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
    if (tableStreamArn === undefined)
      throw new Error('The table has no stream that the producer could follow.');
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
    const { grants, props } = topicSource(resources, source.consumerGroup);
    target.allow(grants);
    return this.mappingAfterGrants(`${source.function}Topic`, target, {
      ...props,
      functionName: target.lambda.functionName,
      topics: [resources.streaming.access.topicName],
      batchSize: source.batchSize,
      // Viewers are waiting, so don't collect messages for half a second, Kafka's default.
      maximumBatchingWindowInSeconds: 0,
      startingPosition: source.startingPosition,
    });
  }

  /** Lambda checks the role's permissions when it creates a mapping, so the mapping comes after them. */
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
    // The next scheduled invocation repeats what failed.
    target.lambda.configureAsyncInvoke({ retryAttempts: 0, maxEventAge: interval });
  }
}

interface TopicSource {
  /** What the topic's poller does with the role of the function it invokes. */
  readonly grants: PolicyStatement[];
  readonly props: Partial<CfnEventSourceMappingProps>;
}

function topicSource({ streaming, network }: SharedResources, consumerGroup: string): TopicSource {
  if (streaming.kind === 'broker') return brokerSource(streaming.access, network, consumerGroup);
  const { access } = streaming;
  return {
    grants: topicSourceGrants(access, consumerGroup),
    props: {
      eventSourceArn: access.clusterArn,
      amazonManagedKafkaEventSourceConfig: { consumerGroupId: consumerGroup },
    },
  };
}

/** Pollers in the functions' subnets, which identify themselves by name and password, over TLS. */
function brokerSource(
  { pollerBrokers, scramSecret, authoritySecret }: BrokerAccess,
  { applicationSubnets, functionGroup }: NetworkStack,
  consumerGroupId: string,
): TopicSource {
  const secrets = [scramSecret.secretArn, authoritySecret.secretArn];
  return {
    grants: [
      allow(['secretsmanager:GetSecretValue'], secrets),
      // Read-only actions without resource-level permissions. A function in a VPC is allowed the others already.
      allow(['ec2:DescribeVpcs', 'ec2:DescribeSecurityGroups'], ['*']),
    ],
    props: {
      selfManagedEventSource: { endpoints: { kafkaBootstrapServers: [pollerBrokers] } },
      selfManagedKafkaEventSourceConfig: { consumerGroupId },
      sourceAccessConfigurations: [
        { type: 'SASL_SCRAM_512_AUTH', uri: scramSecret.secretArn },
        { type: 'SERVER_ROOT_CA_CERTIFICATE', uri: authoritySecret.secretArn },
        ...applicationSubnets.subnetIds.map((id) => ({ type: 'VPC_SUBNET', uri: `subnet:${id}` })),
        { type: 'VPC_SECURITY_GROUP', uri: `security_group:${functionGroup.securityGroupId}` },
      ],
    },
  };
}

/** What the topic's poller does with the role of the function it invokes. */
function topicSourceGrants(access: TopicAccess, consumerGroup: string): PolicyStatement[] {
  const { clusterArn, topicArn } = access;
  return [
    allow(['kafka:DescribeClusterV2', 'kafka:GetBootstrapBrokers'], [clusterArn]),
    allow(['kafka-cluster:Connect', 'kafka-cluster:DescribeClusterDynamicConfiguration'], [clusterArn]),
    allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:ReadData'], [topicArn]),
    allow(['kafka-cluster:DescribeGroup', 'kafka-cluster:AlterGroup'], [access.groupArn(consumerGroup)]),
    // Read-only actions without resource-level permissions.
    allow(['ec2:DescribeVpcs', 'ec2:DescribeSecurityGroups'], ['*']),
  ];
}

/** What the stream's poller does with the role of the function it invokes. */
function streamSourceGrants(streamArn: string): PolicyStatement[] {
  return [
    allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [streamArn]),
    // Read-only actions without resource-level permissions.
    allow(['dynamodb:ListStreams'], ['*']),
  ];
}
