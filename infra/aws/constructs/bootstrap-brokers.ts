import {
  AwsCustomResource,
  AwsCustomResourcePolicy,
  type AwsSdkCall,
  PhysicalResourceId,
} from 'aws-cdk-lib/custom-resources';
import { acknowledge } from '../acknowledge.ts';
import type { TopicAccess } from '../stacks/streaming-stack.ts';
import type { SystemStack } from '../stacks/system-stack.ts';

const ID = 'Brokers';

/** Of MSK's answer: the listeners for IAM within the VPC. */
const ADDRESSES = 'BootstrapBrokerStringSaslIam';

/**
 * The brokers' addresses, `host:port` separated by commas: CloudFormation has no attribute for them, MSK tells them when asked.
 * Each stack asks by itself, once. They change with the number of brokers, and CloudFormation refuses to change a value that
 * another stack imports.
 */
export function bootstrapBrokers(stack: SystemStack, access: TopicAccess): string {
  const asked = stack.node.tryFindChild(ID);
  const brokers = asked instanceof AwsCustomResource ? asked : ask(stack, access);
  return brokers.getResponseField(ADDRESSES);
}

function ask(stack: SystemStack, { clusterArn, brokerCount }: TopicAccess): AwsCustomResource {
  const call: AwsSdkCall = {
    service: 'Kafka',
    action: 'GetBootstrapBrokers',
    parameters: { ClusterArn: clusterArn },
    // Asked again when the number of brokers has changed.
    physicalResourceId: PhysicalResourceId.of(`brokers-${brokerCount}`),
    outputPaths: [ADDRESSES],
  };
  acknowledge(stack, {
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]':
      "The role of the CDK's own function that asks for the brokers' addresses at deployment.",
  });
  return new AwsCustomResource(stack, ID, {
    resourceType: 'Custom::BootstrapBrokers',
    onUpdate: call,
    policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: [clusterArn] }),
    installLatestAwsSdk: false,
    logGroup: stack.logGroup(stack, 'BrokersLog', `/aws/lambda/${stack.stackName}-bootstrap-brokers`),
  });
}
