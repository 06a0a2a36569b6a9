import { describe, expect, it } from 'vitest';
import type { Stacks } from '../../../../infra/aws/build-app.ts';
import { artifacts } from '../../../../infra/local/servers/artifacts.ts';
import { statementsOf } from '../policies.ts';
import { resourcesOf, stageNamed, synthesize } from '../synthesis.ts';

const { template, stacks } = synthesize({ stage: stageNamed('hobby') });
const [instance] = Object.values(resourcesOf(template('streaming'), 'AWS::EC2::Instance'));
const userData = JSON.stringify(instance?.Properties.UserData);
const everything = (Object.keys(stacks) as (keyof Stacks)[]).map(template);

describe('the broker of a stage of its own', () => {
  it('the stage has neither MSK nor interface endpoints nor a NAT gateway', () => {
    const types = everything.flatMap((each) =>
      Object.values(each.toJSON().Resources as Record<string, { Type: string }>),
    );
    const names = new Set(types.map(({ Type }) => Type));
    for (const type of ['AWS::MSK::Cluster', 'AWS::EC2::NatGateway', 'AWS::CloudWatch::Dashboard']) {
      expect(names).not.toContain(type);
    }
    const endpoints = resourcesOf(template('network'), 'AWS::EC2::VPCEndpoint');
    expect(Object.values(endpoints).map(({ Properties }) => Properties.VpcEndpointType)).toEqual([
      'Gateway',
      'Gateway',
    ]);
  });

  it('the stage pays for five secrets, one of which RDS creates, and for two alarms', () => {
    const amount = (type: string) =>
      everything.flatMap((each) => Object.keys(resourcesOf(each, type))).length;
    expect(amount('AWS::SecretsManager::Secret')).toBe(4);
    expect(amount('AWS::CloudWatch::Alarm')).toBe(2);
  });

  it('the stage pays for no more alarms where CloudFront has its metrics', () => {
    const there = synthesize({ stage: stageNamed('hobby'), region: 'us-east-1' });
    const alarms = Object.keys(resourcesOf(there.template('monitoring'), 'AWS::CloudWatch::Alarm'));
    expect(alarms).toHaveLength(2);
  });

  it('the same functions are deployed as in every other stage', () => {
    const functionsOf = (deployed: Stacks) =>
      (['data', 'pipeline', 'api', 'live'] as const)
        .flatMap((name) => [...deployed[name].functions.keys()])
        .sort();
    expect(functionsOf(stacks)).toEqual(functionsOf(synthesize().stacks));
  });

  it("the machine's subnet decides about its zone, because the instance takes names but no ids", () => {
    const hobby = stageNamed('hobby');
    for (const zones of [{}, { zones: ['use1-az1', 'use1-az2'] }, { zones: ['us-east-1a', 'us-east-1b'] }]) {
      const stage = { ...hobby, network: { ...hobby.network, ...zones } };
      const built = synthesize({ stage }).template('streaming');
      const [machine] = Object.values(resourcesOf(built, 'AWS::EC2::Instance'));
      expect(machine?.Properties).not.toHaveProperty('AvailabilityZone');
      expect(JSON.stringify(machine?.Properties.NetworkInterfaces)).toContain('publicSubnet1');
    }
  });

  it('the data of Kafka has an encrypted volume of its own', () => {
    expect(instance?.Properties.BlockDeviceMappings).toEqual([
      expect.objectContaining({ DeviceName: '/dev/xvda' }),
      expect.objectContaining({
        DeviceName: '/dev/sdf',
        Ebs: expect.objectContaining({ Encrypted: true, VolumeSize: 3 }),
      }),
    ]);
    expect(userData).toContain('mount /dev/sdf');
  });

  it('CloudFormation waits until the broker reports that it is ready', () => {
    expect(instance).toMatchObject({ CreationPolicy: { ResourceSignal: { Timeout: 'PT30M' } } });
    expect(userData).toContain('--resource Broker ');
    expect(Object.keys(resourcesOf(template('streaming'), 'AWS::EC2::Instance'))).toEqual(['Broker']);
  });

  it("the machine's script fits into EC2's limit and runs at every boot", () => {
    expect(userData.length).toBeLessThan(16_384);
    expect(userData).toContain('- [scripts-user, always]');
  });

  it('the machine installs the Kafka that the tests run on, each file by its checksum', () => {
    for (const { artifact, version, sha256 } of artifacts.kafka.jars) {
      expect(userData).toContain(sha256);
      expect(userData).toContain(`${artifact}-${version}.jar`);
    }
    expect(userData).toContain(`kafka-tools-${artifacts.kafka.version}.jar`);
  });

  it('nobody but functions reaches the machine', () => {
    const ingress = Object.values(resourcesOf(template('network'), 'AWS::EC2::SecurityGroupIngress'));
    const groups = Object.entries(resourcesOf(template('network'), 'AWS::EC2::SecurityGroup'));
    expect(groups.flatMap(([, { Properties }]) => Properties.SecurityGroupIngress ?? [])).toEqual([]);
    const toBroker = ingress.filter(({ Properties }) =>
      JSON.stringify(Properties.GroupId).includes('BrokerGroup'),
    );
    expect(toBroker.map(({ Properties }) => Properties.FromPort).sort()).toEqual([443, 9095, 9096]);
    for (const { Properties } of toBroker) {
      expect(JSON.stringify(Properties.SourceSecurityGroupId)).toContain('FunctionGroup');
    }
  });

  it('the application subnets reach the APIs of AWS through the machine, and the database subnets reach nothing', () => {
    const routes = Object.values(resourcesOf(template('streaming'), 'AWS::EC2::Route'));
    expect(routes.map(({ Properties }) => Properties.InstanceId)).toEqual([
      { Ref: 'Broker' },
      { Ref: 'Broker' },
    ]);
    for (const { Properties } of routes) {
      expect(JSON.stringify(Properties.RouteTableId)).toContain('applicationSubnet');
    }
    expect(instance?.Properties.SourceDestCheck).toBe(false);
  });

  it('the machine may read the password, write the authority and nothing else', () => {
    const actions = statementsOf(template('streaming')).flatMap((statement) => statement.actions);
    expect(actions.sort()).toEqual(['secretsmanager:GetSecretValue', 'secretsmanager:PutSecretValue']);
  });
});

describe('the event source of a broker of its own', () => {
  const mappings = Object.values(resourcesOf(template('pipeline'), 'AWS::Lambda::EventSourceMapping'));
  const mapping = mappings.find(({ Properties }) => Properties.SelfManagedEventSource);

  it("Lambda's pollers reach the broker over TLS, by password, from the functions' subnets", () => {
    expect(mapping?.Properties).toMatchObject({
      Topics: ['sales-events'],
      SelfManagedEventSource: {
        Endpoints: { KafkaBootstrapServers: ['broker.rtm-hobby-vpc.internal:9096'] },
      },
      SelfManagedKafkaEventSourceConfig: { ConsumerGroupId: 'sales-consumer' },
    });
    const accesses = mapping?.Properties.SourceAccessConfigurations as { Type: string }[];
    expect(accesses.map(({ Type }) => Type).sort()).toEqual([
      'SASL_SCRAM_512_AUTH',
      'SERVER_ROOT_CA_CERTIFICATE',
      'VPC_SECURITY_GROUP',
      'VPC_SUBNET',
      'VPC_SUBNET',
    ]);
  });

  it('functions that use the topic get name and password, and no permission of MSK', () => {
    const functions = Object.values(resourcesOf(template('pipeline'), 'AWS::Lambda::Function'));
    const producer = functions.find(({ Properties }) => Properties.FunctionName === 'rtm-hobby-producer');
    const environment = JSON.stringify(producer?.Properties.Environment);
    expect(environment).toContain('"KAFKA_AUTH":"scram"');
    expect(environment).toContain('"KAFKA_BROKERS":"broker.rtm-hobby-vpc.internal:9095"');
    expect(environment).toMatch(/"KAFKA_PASSWORD":.*resolve:secretsmanager/);
    expect(JSON.stringify(template('pipeline').toJSON())).not.toContain('kafka-cluster:');
  });
});
