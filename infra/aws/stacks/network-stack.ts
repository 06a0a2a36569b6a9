import { Fn } from 'aws-cdk-lib';
import {
  CfnSubnet,
  FlowLogDestination,
  FlowLogTrafficType,
  GatewayVpcEndpointAwsService,
  InterfaceVpcEndpointAwsService,
  IpAddresses,
  type ISubnet,
  type IVpc,
  Peer,
  Port,
  SecurityGroup,
  type SelectedSubnets,
  type SubnetConfiguration,
  SubnetType,
  Vpc,
} from 'aws-cdk-lib/aws-ec2';
import type { Construct } from 'constructs';
import { BROKER_PORTS } from '../broker/user-data.ts';
import { isZoneId, type Stage } from '../stage.ts';
import { SystemStack, stageName } from '../system-stack.ts';

const MYSQL_PORT = 3306;
/** MSK's IAM listener inside the VPC. */
const KAFKA_IAM_PORT = 9098;
const CIDR = '10.0.0.0/16';
const HTTPS = Port.tcp(443);

/** Services that functions and pollers call from inside the VPC, besides those with gateway endpoints. */
const INTERFACE_ENDPOINTS = {
  // The event source's poller runs in the brokers' network. From there it assumes the role and invokes the consumer. Functions that
  // need a secret invoke the one that reads it, which saves the endpoint of Secrets Manager.
  Lambda: InterfaceVpcEndpointAwsService.LAMBDA,
  Sts: InterfaceVpcEndpointAwsService.STS,
} as const;

/** The VPC with its security groups and its ways out. */
export class NetworkStack extends SystemStack {
  readonly vpc: IVpc;
  /** Functions and brokers. */
  readonly applicationSubnets: SelectedSubnets;
  /** Without a route out of the VPC. */
  readonly databaseSubnets: SelectedSubnets;
  readonly functionGroup: SecurityGroup;
  readonly databaseGroup: SecurityGroup;
  readonly brokerGroup: SecurityGroup;

  constructor(scope: Construct, stage: Stage) {
    super(scope, 'network', stage, 'Retail Time Machine: VPC, security groups and endpoints');
    this.vpc = this.createVpc();
    this.applicationSubnets = this.vpc.selectSubnets({ subnetGroupName: 'application' });
    this.databaseSubnets = this.vpc.selectSubnets({ subnetGroupName: 'database' });
    this.functionGroup = this.securityGroup('FunctionGroup', 'Functions in the VPC');
    this.databaseGroup = this.securityGroup('DatabaseGroup', 'MySQL');
    this.brokerGroup = this.securityGroup('BrokerGroup', 'Kafka brokers and the pollers of the event source');
    this.connectGroups();
    this.addEndpoints();
  }

  private createVpc(): IVpc {
    const { availabilityZones, egress, egressZones, zones } = this.stage.network;
    const vpc = new Vpc(this, 'Vpc', {
      ipAddresses: IpAddresses.cidr(CIDR),
      // By index unless the stage chooses: without an account to ask, the CDK would take two, whatever maxAzs says.
      availabilityZones:
        zones ?? Array.from({ length: availabilityZones }, (_, index) => Fn.select(index, Fn.getAzs())),
      natGateways: egress === 'nat' ? egressZones : 0,
      subnetConfiguration: subnets(egress),
    });
    for (const subnet of [...vpc.publicSubnets, ...vpc.privateSubnets, ...vpc.isolatedSubnets])
      useZoneId(subnet);
    vpc.addFlowLog('RefusedTraffic', {
      destination: FlowLogDestination.toCloudWatchLogs(
        this.logGroup(this, 'RefusedTrafficLog', `/aws/vpc/${stageName(this.stage, 'refused')}`),
      ),
      trafficType: FlowLogTrafficType.REJECT,
    });
    // The CDK's classes miss their own interfaces under exactOptionalPropertyTypes.
    return vpc as IVpc;
  }

  private securityGroup(id: string, description: string): SecurityGroup {
    return new SecurityGroup(this, id, { vpc: this.vpc, description, allowAllOutbound: false });
  }

  private connectGroups(): void {
    const { functionGroup, databaseGroup, brokerGroup } = this;
    functionGroup.connections.allowTo(databaseGroup, Port.tcp(MYSQL_PORT), 'SQL');
    if (this.stage.broker) {
      // Pollers use the functions' security group. The broker's machine also forwards calls of AWS's APIs.
      const ports = { Functions: BROKER_PORTS.functions, Pollers: BROKER_PORTS.pollers, 'AWS APIs': 443 };
      for (const [who, port] of Object.entries(ports)) {
        brokerGroup.connections.allowFrom(functionGroup, Port.tcp(port), `${who} to the broker's machine`);
      }
    } else {
      functionGroup.connections.allowTo(brokerGroup, Port.tcp(KAFKA_IAM_PORT), 'Kafka with IAM');
      // The pollers use the brokers' security group.
      brokerGroup.connections.allowInternally(Port.tcp(KAFKA_IAM_PORT), 'Pollers to brokers');
    }
    for (const group of [functionGroup, brokerGroup]) {
      group.addEgressRule(Peer.anyIpv4(), HTTPS, 'AWS APIs that routes and endpoints make reachable');
    }
  }

  private addEndpoints(): void {
    this.vpc.addGatewayEndpoint('DynamoDb', { service: GatewayVpcEndpointAwsService.DYNAMODB });
    this.vpc.addGatewayEndpoint('S3', { service: GatewayVpcEndpointAwsService.S3 });
    if (this.stage.network.egress !== 'endpoints') return;
    const group = this.securityGroup('EndpointGroup', 'Endpoints of AWS APIs');
    for (const peer of [this.functionGroup, this.brokerGroup]) {
      group.connections.allowFrom(peer, HTTPS, 'Calls of AWS APIs');
    }
    for (const [id, service] of Object.entries(INTERFACE_ENDPOINTS)) {
      this.vpc.addInterfaceEndpoint(id, {
        service,
        subnets: { subnets: this.egressSubnets() },
        securityGroups: [group],
        open: false,
      });
    }
  }

  private egressSubnets(): ISubnet[] {
    return this.applicationSubnets.subnets.slice(0, this.stage.network.egressZones);
  }
}

/** The CDK knows zones by name only. An id goes into the property that CloudFormation has for it. */
function useZoneId({ node, availabilityZone }: ISubnet): void {
  const resource = node.defaultChild;
  if (!isZoneId(availabilityZone) || !(resource instanceof CfnSubnet)) return;
  resource.availabilityZone = undefined;
  resource.availabilityZoneId = availabilityZone;
}

function subnets(egress: Stage['network']['egress']): SubnetConfiguration[] {
  const database = { name: 'database', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 24 };
  if (egress === 'endpoints') {
    return [{ name: 'application', subnetType: SubnetType.PRIVATE_ISOLATED, cidrMask: 20 }, database];
  }
  return [
    { name: 'public', subnetType: SubnetType.PUBLIC, cidrMask: 24, mapPublicIpOnLaunch: false },
    {
      name: 'application',
      // The stack with the broker adds the route through its machine.
      subnetType: egress === 'nat' ? SubnetType.PRIVATE_WITH_EGRESS : SubnetType.PRIVATE_ISOLATED,
      cidrMask: 20,
    },
    database,
  ];
}
