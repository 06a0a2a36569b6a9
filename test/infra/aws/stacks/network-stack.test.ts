import { Match } from 'aws-cdk-lib/assertions';
import { beforeAll, describe, expect, it } from 'vitest';
import { resourcesOf, type Synthesis, stageNamed, synthesize } from '../synthesis.ts';

let synthesis: Synthesis;

beforeAll(() => {
  synthesis = synthesize();
});

describe('the network', () => {
  it('the VPC reaches AWS through endpoints only, unless the stage asks for NAT', () => {
    const template = synthesis.template('network');
    template.resourceCountIs('AWS::EC2::InternetGateway', 0);
    template.resourceCountIs('AWS::EC2::NatGateway', 0);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 4);
  });

  it.each(['dev', 'prod'])('the VPC spans as many zones as stage %s sets', (name) => {
    const stage = stageNamed(name);
    const template = synthesize({ stage }).template('network');
    template.resourceCountIs('AWS::EC2::Subnet', 2 * stage.network.availabilityZones);
    const zones = Object.values(resourcesOf(template, 'AWS::EC2::Subnet')).map(({ Properties }) =>
      JSON.stringify(Properties.AvailabilityZone),
    );
    expect(new Set(zones).size).toBe(stage.network.availabilityZones);
  });

  it.each([
    ['by name', ['us-east-1a', 'us-east-1c'], 'AvailabilityZone', 'AvailabilityZoneId'],
    ['by id', ['use1-az1', 'use1-az6'], 'AvailabilityZoneId', 'AvailabilityZone'],
  ])('the VPC uses the zones that a stage chooses %s', (_, zones, property, absent) => {
    const dev = stageNamed('dev');
    const stage = { ...dev, network: { ...dev.network, zones } };
    const subnets = Object.values(resourcesOf(synthesize({ stage }).template('network'), 'AWS::EC2::Subnet'));
    expect(subnets.map(({ Properties }) => Properties[property]).sort()).toEqual([...zones, ...zones].sort());
    for (const { Properties } of subnets) expect(Properties).not.toHaveProperty(absent);
  });

  it('the interface endpoints are in as many zones as the stage sets', () => {
    const interfaces = Object.values(
      resourcesOf(synthesis.template('network'), 'AWS::EC2::VPCEndpoint'),
    ).filter(({ Properties }) => Properties.VpcEndpointType === 'Interface');
    expect(interfaces).toHaveLength(2);
    for (const { Properties } of interfaces) {
      expect(Properties.SubnetIds).toHaveLength(1);
      expect(Properties.PrivateDnsEnabled).toBe(true);
      // Secrets come from functions outside the VPC.
      expect(JSON.stringify(Properties.ServiceName)).not.toContain('secretsmanager');
    }
  });

  it('a stage may use NAT gateways, and the database still has no route out', () => {
    const dev = stageNamed('dev');
    const stage = { ...dev, network: { ...dev.network, egress: 'nat' as const, egressZones: 2 } };
    const template = synthesize({ stage }).template('network');
    template.resourceCountIs('AWS::EC2::NatGateway', 2);
    template.resourceCountIs('AWS::EC2::VPCEndpoint', 2);
    const databaseRoutes = Object.entries(resourcesOf(template, 'AWS::EC2::Route')).filter(([id]) =>
      id.includes('database'),
    );
    expect(databaseRoutes).toEqual([]);
  });

  it('security groups admit traffic from security groups only', () => {
    const template = synthesis.template('network');
    const inline = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroup')).flatMap(
      ({ Properties }) => Properties.SecurityGroupIngress ?? [],
    );
    expect(inline).toEqual([]);
    for (const { Properties } of Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress'))) {
      expect(Properties).toHaveProperty('SourceSecurityGroupId');
      expect(Properties).not.toHaveProperty('CidrIp');
    }
  });

  it('functions may reach MySQL, and functions and pollers the IAM listener of Kafka', () => {
    const template = synthesis.template('network');
    const ports = Object.values(resourcesOf(template, 'AWS::EC2::SecurityGroupIngress')).map(
      ({ Properties }) => Properties.FromPort,
    );
    expect(ports.sort()).toEqual([3306, 443, 443, 9098, 9098]);
  });

  it('the VPC logs rejected traffic', () => {
    synthesis.template('network').hasResourceProperties('AWS::EC2::FlowLog', {
      TrafficType: 'REJECT',
      ResourceType: 'VPC',
      LogGroupName: Match.anyValue(),
    });
  });
});
