import { Aws, Fn } from 'aws-cdk-lib';
import { CfnCluster, CfnConfiguration, CfnTopic } from 'aws-cdk-lib/aws-msk';
import {
  AwsCustomResource,
  AwsCustomResourcePolicy,
  type AwsSdkCall,
  PhysicalResourceId,
} from 'aws-cdk-lib/custom-resources';
import type { Construct } from 'constructs';
import type { SystemDescription } from '../../system-description.ts';
import type { Stage } from '../stage.ts';
import { acknowledge, SystemStack, stageName } from '../system-stack.ts';
import type { NetworkStack } from './network-stack.ts';

/** With three zones each message has three copies, and two must have it before it is acknowledged. */
const MAX_REPLICATION = 3;

/** The names and ARNs from which policies and settings are made. */
export interface TopicAccess {
  readonly clusterArn: string;
  readonly clusterName: string;
  readonly topicName: string;
  readonly topicArn: string;
  readonly brokerCount: number;
  groupArn(consumerGroup: string): string;
}

/** The Kafka cluster and its topic. */
export class StreamingStack extends SystemStack {
  readonly kind = 'msk';
  readonly access: TopicAccess;
  readonly topic: CfnTopic;

  constructor(scope: Construct, stage: Stage, system: SystemDescription, network: NetworkStack) {
    super(scope, 'streaming', stage, 'Retail Time Machine: Kafka (MSK) and its topic');
    const cluster = this.createCluster(network);
    this.topic = this.createTopic(cluster, system.topic);
    const clusterArn = cluster.attrArn;
    this.access = {
      clusterArn,
      clusterName: cluster.clusterName,
      topicName: system.topic.name,
      topicArn: this.topic.attrTopicArn,
      brokerCount: this.brokerCount,
      groupArn: (consumerGroup) => this.groupArn(clusterArn, consumerGroup),
    };
  }

  private get brokerCount(): number {
    const { network, kafka } = this.stage;
    return network.availabilityZones * kafka.brokersPerZone;
  }

  private get replication(): number {
    return Math.min(MAX_REPLICATION, this.brokerCount);
  }

  private createCluster(network: NetworkStack): CfnCluster {
    const { kafka } = this.stage;
    const configuration = this.createConfiguration();
    return new CfnCluster(this, 'Cluster', {
      clusterName: stageName(this.stage, 'kafka'),
      kafkaVersion: kafka.version,
      numberOfBrokerNodes: this.brokerCount,
      brokerNodeGroupInfo: {
        instanceType: `kafka.${kafka.instanceSize}`,
        clientSubnets: network.applicationSubnets.subnetIds,
        securityGroups: [network.brokerGroup.securityGroupId],
        storageInfo: { ebsStorageInfo: { volumeSize: kafka.volumeGb } },
        connectivityInfo: { publicAccess: { type: 'DISABLED' } },
      },
      clientAuthentication: { sasl: { iam: { enabled: true } }, unauthenticated: { enabled: false } },
      encryptionInfo: { encryptionInTransit: { clientBroker: 'TLS', inCluster: true } },
      configurationInfo: { arn: configuration.attrArn, revision: configuration.attrLatestRevisionRevision },
      // Covers what alarms and dashboard need. Every other level costs 0.30 USD a month per metric.
      enhancedMonitoring: 'DEFAULT',
      loggingInfo: { brokerLogs: { cloudWatchLogs: { enabled: true, logGroup: this.brokerLog() } } },
    });
  }

  private brokerLog(): string {
    return this.logGroup(this, 'BrokerLog', `/aws/msk/${stageName(this.stage, 'kafka')}`).logGroupName;
  }

  private createConfiguration(): CfnConfiguration {
    const properties = {
      'auto.create.topics.enable': false,
      'default.replication.factor': this.replication,
      // With Kafka's default of 3, two brokers couldn't create the topic of consumer positions.
      'offsets.topic.replication.factor': this.replication,
      'min.insync.replicas': Math.max(1, this.replication - 1),
      'unclean.leader.election.enable': false,
    };
    return new CfnConfiguration(this, 'Configuration', {
      name: stageName(this.stage, 'kafka'),
      serverProperties: Object.entries(properties)
        .map(([key, value]) => `${key}=${value}`)
        .join('\n'),
    });
  }

  private createTopic(cluster: CfnCluster, topic: SystemDescription['topic']): CfnTopic {
    const configs = {
      'cleanup.policy': 'delete',
      'retention.ms': String(topic.retentionHours * 60 * 60 * 1000),
      'min.insync.replicas': String(Math.max(1, this.replication - 1)),
    };
    return new CfnTopic(this, 'Topic', {
      clusterArn: cluster.attrArn,
      topicName: topic.name,
      partitionCount: topic.partitions,
      replicationFactor: this.replication,
      configs: Buffer.from(JSON.stringify(configs)).toString('base64'),
    });
  }

  /** Turns `…:cluster/<name>/<uuid>` into `…:group/<name>/<uuid>/<group>`, the form that `kafka-cluster` policies use. */
  private groupArn(clusterArn: string, consumerGroup: string): string {
    const uuid = Fn.select(2, Fn.split('/', clusterArn));
    const prefix = `arn:${Aws.PARTITION}:kafka:${Aws.REGION}:${Aws.ACCOUNT_ID}:group`;
    return `${prefix}/${stageName(this.stage, 'kafka')}/${uuid}/${consumerGroup}`;
  }
}

/** The field of MSK's response with the IAM listeners inside the VPC. */
const ADDRESSES = 'BootstrapBrokerStringSaslIam';

/**
 * The brokers' addresses, `host:port` separated by commas. CloudFormation has no attribute for them, so each stack asks MSK once.
 * They change with the number of brokers, and CloudFormation refuses to change a value that another stack imports. Another number also
 * asks by another resource, so functions that get the addresses refer to it and publish a new version.
 */
export function bootstrapBrokers(stack: SystemStack, access: TopicAccess): string {
  const id = `Brokers${access.brokerCount}`;
  const asked = stack.node.tryFindChild(id);
  const brokers = asked instanceof AwsCustomResource ? asked : ask(stack, id, access);
  return brokers.getResponseField(ADDRESSES);
}

function ask(stack: SystemStack, id: string, { clusterArn, brokerCount }: TopicAccess): AwsCustomResource {
  const call: AwsSdkCall = {
    service: 'Kafka',
    action: 'GetBootstrapBrokers',
    parameters: { ClusterArn: clusterArn },
    physicalResourceId: PhysicalResourceId.of(`brokers-${brokerCount}`),
    outputPaths: [ADDRESSES],
  };
  acknowledge(stack, {
    'AwsSolutions-IAM4[Policy::arn:<AWS::Partition>:iam::aws:policy/service-role/AWSLambdaBasicExecutionRole]':
      "The role of the CDK's own function that requests the brokers' addresses during deployment.",
  });
  return new AwsCustomResource(stack, id, {
    resourceType: 'Custom::BootstrapBrokers',
    onUpdate: call,
    policy: AwsCustomResourcePolicy.fromSdkCalls({ resources: [clusterArn] }),
    installLatestAwsSdk: false,
    logGroup: stack.logGroup(stack, 'BrokersLog', `/aws/lambda/${stack.stackName}-bootstrap-brokers`),
  });
}
