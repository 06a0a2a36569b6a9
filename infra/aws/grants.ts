/** What a function's role allows: what its capabilities need, on the things they name, and nothing else. */
import { Aws } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { Capability } from '../system.ts';
import type { SharedResources } from './shared-resources.ts';
import type { TopicAccess } from './stacks/streaming-stack.ts';
import { stageName } from './stacks/system-stack.ts';
import type { Stage } from './stage.ts';

function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
}

/** Statements for a capability. */
export function capabilityGrants(capability: Capability, resources: SharedResources): PolicyStatement[] {
  const { storage, streaming } = resources;
  const table = [storage.table.tableArn];
  switch (capability) {
    case 'table:read':
      return [allow(['dynamodb:GetItem', 'dynamodb:BatchGetItem', 'dynamodb:Query'], table)];
    case 'table:write':
      return [allow(['dynamodb:PutItem', 'dynamodb:UpdateItem', 'dynamodb:DeleteItem'], table)];
    case 'mysql':
      return [allow(['secretsmanager:GetSecretValue'], [storage.databaseSecret.secretArn])];
    case 'api-token':
      return [allow(['secretsmanager:GetSecretValue'], [storage.apiToken.secretArn])];
    case 'topic:produce':
      return produceGrants(streaming.access);
    case 'topic:lag':
      return lagGrants(streaming.access, resources.system.eventSources.topic?.consumerGroup);
    case 'invoke:feed':
      return [allow(['lambda:InvokeFunction'], [functionArn(resources.stage, 'feed')])];
    case 'dataset':
      // The bucket is of the function's own stack, which adds what it takes to read it.
      return [];
    case 'docs':
      // Files beside the code.
      return [];
  }
}

/** Idempotent production with `acks=all`. */
function produceGrants({ clusterArn, topicArn }: TopicAccess): PolicyStatement[] {
  return [
    allow(['kafka-cluster:Connect', 'kafka-cluster:WriteDataIdempotently'], [clusterArn]),
    allow(['kafka-cluster:DescribeTopic', 'kafka-cluster:WriteData'], [topicArn]),
  ];
}

/** Ends of the partitions and positions of the group. */
function lagGrants(access: TopicAccess, consumerGroup: string | undefined): PolicyStatement[] {
  const grants = [
    allow(['kafka-cluster:Connect', 'kafka-cluster:DescribeCluster'], [access.clusterArn]),
    allow(['kafka-cluster:DescribeTopic'], [access.topicArn]),
  ];
  if (consumerGroup === undefined) return grants;
  return [...grants, allow(['kafka-cluster:DescribeGroup'], [access.groupArn(consumerGroup)])];
}

/** What the event source's poller does in the name of the function that it invokes. */
export function topicSourceGrants(access: TopicAccess, consumerGroup: string): PolicyStatement[] {
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
export function streamSourceGrants(streamArn: string): PolicyStatement[] {
  return [
    allow(['dynamodb:DescribeStream', 'dynamodb:GetRecords', 'dynamodb:GetShardIterator'], [streamArn]),
    // Read-only and without a resource to name.
    allow(['dynamodb:ListStreams'], ['*']),
  ];
}

/**
 * Lets Lambda give a function its network interfaces: calls that know no resource. The function's code is denied them, as
 * AWS advises, for it runs under the same role.
 */
export function networkInterfaceGrants(arn: string): PolicyStatement[] {
  const actions = [
    'ec2:AssignPrivateIpAddresses',
    'ec2:CreateNetworkInterface',
    'ec2:DeleteNetworkInterface',
    'ec2:DescribeNetworkInterfaces',
    'ec2:DescribeSubnets',
    'ec2:UnassignPrivateIpAddresses',
  ];
  const deny = new PolicyStatement({
    effect: Effect.DENY,
    actions,
    resources: ['*'],
    conditions: { ArnEquals: { 'lambda:SourceFunctionArn': arn } },
  });
  return [allow(actions, ['*']), deny];
}

/** The ARN of a function of the system, which may be in another stack: its name is known before it is there. */
export function functionArn(stage: Stage, name: string): string {
  return `arn:${Aws.PARTITION}:lambda:${Aws.REGION}:${Aws.ACCOUNT_ID}:function:${stageName(stage, name)}`;
}
