import { Aws, Duration } from 'aws-cdk-lib';
import {
  BlockDeviceVolume,
  CfnRoute,
  EbsDeviceVolumeType,
  type IMachineImage,
  Instance,
  InstanceType,
  OperatingSystemType,
  UserData,
} from 'aws-cdk-lib/aws-ec2';
import { ARecord, PrivateHostedZone, RecordTarget } from 'aws-cdk-lib/aws-route53';
import { Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { SystemDescription } from '../../system-description.ts';
import { BROKER_PORTS, userData } from '../broker/user-data.ts';
import type { Stage } from '../stage.ts';
import { acknowledge, allow, SystemStack, stageName } from '../system-stack.ts';
import type { NetworkStack } from './network-stack.ts';

/** Of AL2023 for Graviton, resolved by CloudFormation. An update of the stack may resolve to a newer image, which replaces the machine. */
const IMAGE = '{{resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-arm64}}';
const KAFKA_USER = 'retail';
const SYSTEM_GB = 8;

/** Downloads at the first boot, at the speed of the smallest machine. */
const READY_WITHIN = Duration.minutes(30);

/** Names and secrets by which clients reach the broker. All names are plain texts, so other stacks don't prevent its replacement. */
export interface BrokerAccess {
  readonly topicName: string;
  readonly user: string;
  /** `{"username": …, "password": …}` */
  readonly scramSecret: Secret;
  /** `{"certificate": …}`: what Lambda's pollers trust. */
  readonly authoritySecret: Secret;
  /** `host:port` for functions. */
  readonly brokers: string;
  /** `host:port` for Lambda's pollers. */
  readonly pollerBrokers: string;
}

/**
 * One Kafka broker on one small machine, for a stage that somebody pays out of their own pocket. The machine is also the
 * application subnets' way to AWS's APIs.
 */
export class BrokerStack extends SystemStack {
  readonly kind = 'broker';
  readonly access: BrokerAccess;

  constructor(scope: Construct, stage: Stage, system: SystemDescription, network: NetworkStack) {
    super(scope, 'streaming', stage, 'Retail Time Machine: one Kafka broker on EC2');
    const host = `broker.${stageName(stage, 'vpc')}.internal`;
    this.access = {
      topicName: system.topic.name,
      user: KAFKA_USER,
      scramSecret: this.scramSecret(),
      authoritySecret: this.authoritySecret(),
      brokers: `${host}:${BROKER_PORTS.functions}`,
      pollerBrokers: `${host}:${BROKER_PORTS.pollers}`,
    };
    const instance = this.createInstance(network, host, system.topic);
    this.nameInstance(network, instance, host);
    this.routeThrough(network, instance);
  }

  private scramSecret(): Secret {
    const secret = new Secret(this, 'KafkaPassword', {
      description: 'Name and password of the clients of Kafka',
      generateSecretString: {
        secretStringTemplate: JSON.stringify({ username: KAFKA_USER }),
        generateStringKey: 'password',
        excludePunctuation: true,
        passwordLength: 40,
      },
      removalPolicy: this.dataRemoval,
    });
    acknowledge(secret, {
      'AwsSolutions-SMG4':
        'The broker stores it when it is created; anyone who could read it is inside the network.',
    });
    return secret;
  }

  private authoritySecret(): Secret {
    const secret = new Secret(this, 'KafkaAuthority', {
      description: 'Certificate authority of the broker, written by itself',
      removalPolicy: this.dataRemoval,
    });
    acknowledge(secret, {
      'AwsSolutions-SMG4': 'It holds no secret: a certificate that the broker writes once.',
    });
    return secret;
  }

  private createInstance(network: NetworkStack, host: string, topic: SystemDescription['topic']): Instance {
    const { scramSecret, authoritySecret } = this.access;
    const { instanceSize, volumeGb } = settingsOf(this.stage);
    const instance = new Instance(this, 'Broker', {
      instanceName: stageName(this.stage, 'kafka'),
      instanceType: new InstanceType(instanceSize),
      machineImage: image(),
      vpc: network.vpc,
      vpcSubnets: { subnetGroupName: 'public', availabilityZones: network.vpc.availabilityZones.slice(0, 1) },
      securityGroup: network.brokerGroup,
      // Without a public address it could reach nothing. The security group keeps others from reaching it.
      associatePublicIpAddress: true,
      sourceDestCheck: false,
      requireImdsv2: true,
      blockDevices: [
        { deviceName: '/dev/xvda', volume: volume(SYSTEM_GB, true) },
        { deviceName: '/dev/sdf', volume: volume(volumeGb, !this.stage.protectData) },
      ],
      userData: UserData.custom(
        userData({
          host,
          topic,
          region: Aws.REGION,
          scramSecret: scramSecret.secretArn,
          authoritySecret: authoritySecret.secretArn,
          signal:
            `/opt/aws/bin/cfn-signal --exit-code $? --stack ${Aws.STACK_NAME} ` +
            `--resource ${INSTANCE_ID} --region ${Aws.REGION}`,
        }),
      ),
    });
    instance.instance.overrideLogicalId(INSTANCE_ID);
    // The subnet decides. The CDK would copy the zone as the stage names it, and an id is no name.
    instance.instance.availabilityZone = undefined;
    instance.instance.cfnOptions.creationPolicy = { resourceSignal: { timeout: READY_WITHIN.toIsoString() } };
    instance.addToRolePolicy(allow(['secretsmanager:GetSecretValue'], [scramSecret.secretArn]));
    instance.addToRolePolicy(allow(['secretsmanager:PutSecretValue'], [authoritySecret.secretArn]));
    acknowledge(instance, {
      'AwsSolutions-EC28': 'Detailed monitoring costs a sixth of the machine.',
      'AwsSolutions-EC29': 'The stage is meant to be put to sleep and destroyed.',
    });
    return instance;
  }

  /** A name that stays when the machine is replaced. */
  private nameInstance({ vpc }: NetworkStack, instance: Instance, host: string): void {
    const [recordName = '', ...zone] = host.split('.');
    new ARecord(this, 'Record', {
      zone: new PrivateHostedZone(this, 'Zone', { vpc, zoneName: zone.join('.') }),
      recordName,
      target: RecordTarget.fromIpAddresses(instance.instancePrivateIp),
      ttl: Duration.minutes(1),
    });
  }

  private routeThrough({ applicationSubnets }: NetworkStack, instance: Instance): void {
    for (const [index, subnet] of applicationSubnets.subnets.entries()) {
      new CfnRoute(this, `ToAwsApis${index}`, {
        routeTableId: subnet.routeTable.routeTableId,
        destinationCidrBlock: '0.0.0.0/0',
        instanceId: instance.instanceId,
      });
    }
  }
}

/** Named, because its user data names it. */
const INSTANCE_ID = 'Broker';

function settingsOf({ name, broker }: Stage): NonNullable<Stage['broker']> {
  if (!broker) throw new Error(`The stage ${name} has no broker of its own.`);
  return broker;
}

function image(): IMachineImage {
  return {
    getImage: () => ({
      imageId: IMAGE,
      osType: OperatingSystemType.LINUX,
      userData: UserData.custom(''),
    }),
  };
}

function volume(gigabytes: number, deleteOnTermination: boolean): BlockDeviceVolume {
  return BlockDeviceVolume.ebs(gigabytes, {
    volumeType: EbsDeviceVolumeType.GP3,
    encrypted: true,
    deleteOnTermination,
  });
}
