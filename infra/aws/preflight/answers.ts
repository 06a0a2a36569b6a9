/** What AWS answers about an account and a region, reduced to what the checks need. */
import { CloudFormationClient, paginateDescribeStacks } from '@aws-sdk/client-cloudformation';
import { CloudFrontClient, ListDistributionsCommand } from '@aws-sdk/client-cloudfront';
import {
  DescribeAvailabilityZonesCommand,
  DescribeInstanceTypeOfferingsCommand,
  DescribeSubnetsCommand,
  EC2Client,
} from '@aws-sdk/client-ec2';
import { KafkaClient, paginateListKafkaVersions } from '@aws-sdk/client-kafka';
import {
  GetAccountSettingsCommand,
  GetFunctionConcurrencyCommand,
  LambdaClient,
  ResourceNotFoundException,
} from '@aws-sdk/client-lambda';
import {
  paginateDescribeDBEngineVersions,
  paginateDescribeOrderableDBInstanceOptions,
  RDSClient,
} from '@aws-sdk/client-rds';
import { GetParameterCommand, ParameterNotFound, SSMClient } from '@aws-sdk/client-ssm';
import { GetCallerIdentityCommand, STSClient } from '@aws-sdk/client-sts';
import type { ClientTarget } from './target.ts';

export interface Identity {
  readonly account: string;
  readonly arn: string;
}

/** Concurrent executions of Lambda functions. */
export interface Concurrency {
  /** The account's quota. */
  readonly quota: number;
  /** What no function has reserved. */
  readonly unreserved: number;
  /** What functions of this stage have reserved already. */
  readonly reservedByStage: number;
}

export interface Zone {
  /** `us-east-1a` */
  readonly name: string;
  /** `use1-az1` */
  readonly id: string;
  readonly hasDefaultSubnet: boolean;
}

export interface KafkaVersion {
  readonly version: string;
  /** `ACTIVE`, or `DEPRECATED` for versions that new clusters can't have. */
  readonly status: string;
}

export interface DatabaseOffers {
  /** The versions of MySQL that RDS offers. */
  readonly versions: readonly string[];
  /** The zones of each instance class, such as `db.t4g.micro`, for the asked version. */
  readonly zonesByClass: ReadonlyMap<string, readonly string[]>;
}

export interface StackState {
  readonly name: string;
  /** Such as `UPDATE_COMPLETE`. */
  readonly status: string;
  readonly isProtected: boolean;
}

/** Asks AWS. Each method throws the SDK's error if it isn't allowed to or gets no answer. */
export interface Account {
  identity(): Promise<Identity>;
  /** Undefined if the account isn't bootstrapped in this region. */
  bootstrapVersion(): Promise<number | undefined>;
  /** @param functionNames The names of the stage's functions on AWS. */
  concurrency(functionNames: readonly string[]): Promise<Concurrency>;
  zones(): Promise<Zone[]>;
  kafkaVersions(): Promise<KafkaVersion[]>;
  /** The names of the zones in which EC2 offers an instance type. */
  zonesOfInstanceType(instanceType: string): Promise<string[]>;
  databaseOffers(version: string): Promise<DatabaseOffers>;
  /** All stacks whose names begin with a prefix. */
  stacks(prefix: string): Promise<StackState[]>;
  hasDistribution(): Promise<boolean>;
}

/** Written by `cdk bootstrap`. */
const BOOTSTRAP_PARAMETER = '/cdk-bootstrap/hnb659fds/version';

/** Each of many quick questions gets little time: a deployment waits for all of them. */
const LIMITS = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 3_000, requestTimeout: 15_000, throwOnRequestTimeout: true },
};

/** Reads from an account and region with the AWS SDK. A method throws what its client throws. */
export function openAccount(target: ClientTarget): Account {
  const config = { ...LIMITS, ...target };
  const rds = new RDSClient(config);
  return {
    async identity() {
      const { Account: account = '', Arn: arn = '' } = await new STSClient(config).send(
        new GetCallerIdentityCommand({}),
      );
      return { account, arn };
    },
    bootstrapVersion: () => readBootstrapVersion(new SSMClient(config)),
    concurrency: (names) => readConcurrency(new LambdaClient(config), names),
    zones: () => readZones(new EC2Client(config)),
    async kafkaVersions() {
      const versions: KafkaVersion[] = [];
      for await (const { KafkaVersions = [] } of paginateListKafkaVersions(
        { client: new KafkaClient(config) },
        {},
      )) {
        versions.push(
          ...KafkaVersions.map(({ Version = '', Status = '' }) => ({ version: Version, status: Status })),
        );
      }
      return versions;
    },
    async zonesOfInstanceType(instanceType) {
      const { InstanceTypeOfferings = [] } = await new EC2Client(config).send(
        new DescribeInstanceTypeOfferingsCommand({
          LocationType: 'availability-zone',
          Filters: [{ Name: 'instance-type', Values: [instanceType] }],
        }),
      );
      return InstanceTypeOfferings.map(({ Location = '' }) => Location);
    },
    async databaseOffers(version) {
      const [versions, zonesByClass] = await Promise.all([readVersions(rds), readClasses(rds, version)]);
      return { versions, zonesByClass };
    },
    stacks: (prefix) => readStacks(new CloudFormationClient(config), prefix),
    async hasDistribution() {
      // CloudFront has one endpoint for all regions.
      const client = new CloudFrontClient({ ...config, region: 'us-east-1' });
      const { DistributionList } = await client.send(new ListDistributionsCommand({ MaxItems: 1 }));
      return (DistributionList?.Quantity ?? 0) > 0;
    },
  };
}

async function readBootstrapVersion(client: SSMClient): Promise<number | undefined> {
  try {
    const { Parameter } = await client.send(new GetParameterCommand({ Name: BOOTSTRAP_PARAMETER }));
    return Number(Parameter?.Value);
  } catch (error) {
    if (error instanceof ParameterNotFound) return undefined;
    throw error;
  }
}

async function readConcurrency(client: LambdaClient, names: readonly string[]): Promise<Concurrency> {
  const [{ AccountLimit }, ...reserved] = await Promise.all([
    client.send(new GetAccountSettingsCommand({})),
    ...names.map((name) => readReserved(client, name)),
  ]);
  return {
    quota: AccountLimit?.ConcurrentExecutions ?? 0,
    unreserved: AccountLimit?.UnreservedConcurrentExecutions ?? 0,
    reservedByStage: reserved.reduce((sum, each) => sum + each, 0),
  };
}

async function readReserved(client: LambdaClient, FunctionName: string): Promise<number> {
  try {
    const { ReservedConcurrentExecutions } = await client.send(
      new GetFunctionConcurrencyCommand({ FunctionName }),
    );
    return ReservedConcurrentExecutions ?? 0;
  } catch (error) {
    if (error instanceof ResourceNotFoundException) return 0;
    throw error;
  }
}

async function readZones(client: EC2Client): Promise<Zone[]> {
  const [{ AvailabilityZones = [] }, { Subnets = [] }] = await Promise.all([
    client.send(
      new DescribeAvailabilityZonesCommand({
        Filters: [
          { Name: 'zone-type', Values: ['availability-zone'] },
          { Name: 'state', Values: ['available'] },
        ],
      }),
    ),
    client.send(new DescribeSubnetsCommand({ Filters: [{ Name: 'default-for-az', Values: ['true'] }] })),
  ]);
  const withDefaultSubnet = new Set(Subnets.map(({ AvailabilityZone }) => AvailabilityZone));
  return AvailabilityZones.map(({ ZoneName = '', ZoneId = '' }) => ({
    name: ZoneName,
    id: ZoneId,
    hasDefaultSubnet: withDefaultSubnet.has(ZoneName),
  }));
}

async function readVersions(client: RDSClient): Promise<string[]> {
  const versions: string[] = [];
  for await (const { DBEngineVersions = [] } of paginateDescribeDBEngineVersions(
    { client },
    { Engine: 'mysql' },
  )) {
    versions.push(...DBEngineVersions.map(({ EngineVersion = '' }) => EngineVersion));
  }
  return versions;
}

async function readClasses(client: RDSClient, version: string): Promise<Map<string, string[]>> {
  const zones = new Map<string, string[]>();
  const query = { Engine: 'mysql', EngineVersion: version, Vpc: true };
  for await (const { OrderableDBInstanceOptions = [] } of paginateDescribeOrderableDBInstanceOptions(
    { client },
    query,
  )) {
    for (const { DBInstanceClass = '', StorageType, AvailabilityZones = [] } of OrderableDBInstanceOptions) {
      // The stacks use this type of storage; each type is an option of its own.
      if (StorageType !== 'gp3') continue;
      zones.set(
        DBInstanceClass,
        AvailabilityZones.map(({ Name = '' }) => Name),
      );
    }
  }
  return zones;
}

async function readStacks(client: CloudFormationClient, prefix: string): Promise<StackState[]> {
  const stacks: StackState[] = [];
  for await (const { Stacks = [] } of paginateDescribeStacks({ client }, {})) {
    for (const { StackName = '', StackStatus = '', EnableTerminationProtection } of Stacks) {
      if (!StackName.startsWith(prefix)) continue;
      stacks.push({
        name: StackName,
        status: StackStatus,
        isProtected: EnableTerminationProtection === true,
      });
    }
  }
  return stacks;
}
