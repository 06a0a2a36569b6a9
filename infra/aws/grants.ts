/** What roles are allowed for event sources and networks. What a function's own code may do follows from its capabilities. */
import { Aws } from 'aws-cdk-lib';
import { Effect, PolicyStatement } from 'aws-cdk-lib/aws-iam';
import type { TopicAccess } from './stacks/streaming-stack.ts';
import { stageName } from './stacks/system-stack.ts';
import type { Stage } from './stage.ts';

function allow(actions: readonly string[], resources: readonly string[]): PolicyStatement {
  return new PolicyStatement({ actions: [...actions], resources: [...resources] });
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
