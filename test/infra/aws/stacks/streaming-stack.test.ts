import { GetBootstrapBrokersCommand, type GetBootstrapBrokersCommandOutput } from '@aws-sdk/client-kafka';
import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { deployedSystem } from '../../../../infra/system.ts';
import { resourcesOf, type Synthesis, stageNamed, synthesize } from '../synthesis.ts';

let synthesis: Synthesis;

beforeAll(() => {
  synthesis = synthesize({ stage: stageNamed('prod') });
});

describe('the Kafka cluster', () => {
  it('Kafka accepts only clients that authenticate by IAM over TLS', () => {
    synthesis.template('streaming').hasResourceProperties('AWS::MSK::Cluster', {
      ClientAuthentication: { Sasl: { Iam: { Enabled: true } }, Unauthenticated: { Enabled: false } },
      EncryptionInfo: { EncryptionInTransit: { ClientBroker: 'TLS', InCluster: true } },
      BrokerNodeGroupInfo: Match.objectLike({ ConnectivityInfo: { PublicAccess: { Type: 'DISABLED' } } }),
    });
  });

  it.each(['dev', 'prod'])(
    'the Kafka cluster has the brokers of stage %s, evenly across its zones',
    (name) => {
      const stage = stageNamed(name);
      const template = synthesize({ stage }).template('streaming');
      const [cluster] = Object.values(resourcesOf(template, 'AWS::MSK::Cluster'));
      const { availabilityZones } = stage.network;
      expect(cluster?.Properties.NumberOfBrokerNodes).toBe(availabilityZones * stage.kafka.brokersPerZone);
      expect(cluster?.Properties.BrokerNodeGroupInfo).toMatchObject({
        InstanceType: `kafka.${stage.kafka.instanceSize}`,
        ClientSubnets: Array.from({ length: availabilityZones }, () => expect.anything()),
      });
    },
  );

  it('Kafka creates no topics automatically and never elects a leader that lacks messages', () => {
    const [configuration] = Object.values(
      resourcesOf(synthesis.template('streaming'), 'AWS::MSK::Configuration'),
    );
    const properties = configuration?.Properties.ServerProperties;
    // CloudFormation takes plain text; only MSK's API requires it encoded.
    expect(properties).toContain('auto.create.topics.enable=false');
    expect(properties).toContain('unclean.leader.election.enable=false');
    expect(properties).toContain('min.insync.replicas=2');
  });

  it.each(['dev', 'prod'])(
    'Kafka keeps a copy of the consumer positions on each broker of stage %s, up to three',
    (name) => {
      const template = synthesize({ stage: stageNamed(name) }).template('streaming');
      const [configuration] = Object.values(resourcesOf(template, 'AWS::MSK::Configuration'));
      const [cluster] = Object.values(resourcesOf(template, 'AWS::MSK::Cluster'));
      // Kafka's own default is 3: with two brokers the topic of positions could not be created.
      const copies = Math.min(3, Number(cluster?.Properties.NumberOfBrokerNodes));
      expect(configuration?.Properties.ServerProperties).toContain(
        `offsets.topic.replication.factor=${copies}`,
      );
    },
  );

  it.each(['api', 'pipeline'] as const)(
    'the functions of the stack %s get the addresses of the brokers',
    (stack) => {
      const asked = Object.values(resourcesOf(synthesis.template(stack), 'Custom::BootstrapBrokers'));
      expect(asked).toHaveLength(1);
      const call = JSON.stringify(asked[0]?.Properties.Create);
      // The call and the field of its response, as MSK's client names them.
      const answer: keyof GetBootstrapBrokersCommandOutput = 'BootstrapBrokerStringSaslIam';
      expect(call).toContain(GetBootstrapBrokersCommand.name.replace('Command', ''));
      expect(call).toContain(answer);
    },
  );

  it('brokers can be added without changing a value that another stack imports', () => {
    const stage = stageNamed('prod');
    const more = synthesize({ stage: { ...stage, kafka: { ...stage.kafka, brokersPerZone: 2 } } });
    // CloudFormation refuses to change a value that is imported.
    const exported = JSON.stringify(synthesis.template('streaming').toJSON().Outputs);
    expect(JSON.stringify(more.template('streaming').toJSON().Outputs)).toBe(exported);
    expect(exported).not.toContain('Brokers');
    // And the functions' stacks repeat the call.
    const askedAs = ({ template }: Synthesis) =>
      JSON.stringify(resourcesOf(template('pipeline'), 'Custom::BootstrapBrokers'));
    expect(askedAs(more)).not.toBe(askedAs(synthesis));
  });
});

describe('the topic', () => {
  it('the topic is as described, with a replica in every zone', () => {
    const { name, partitions, retentionHours } = deployedSystem.topic;
    const [topic] = Object.values(resourcesOf(synthesis.template('streaming'), 'AWS::MSK::Topic'));
    expect(topic?.Properties).toMatchObject({
      TopicName: name,
      PartitionCount: partitions,
      ReplicationFactor: 3,
    });
    const configs = Buffer.from(String(topic?.Properties.Configs), 'base64').toString();
    expect(JSON.parse(configs)).toEqual({
      'cleanup.policy': 'delete',
      'retention.ms': String(retentionHours * 3_600_000),
      'min.insync.replicas': '2',
    });
  });
});
