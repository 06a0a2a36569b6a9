import { CfnOutput, Duration, RemovalPolicy } from 'aws-cdk-lib';
import { AttributeType, BillingMode, StreamViewType, Table } from 'aws-cdk-lib/aws-dynamodb';
import { InstanceType } from 'aws-cdk-lib/aws-ec2';
import type { LogGroup } from 'aws-cdk-lib/aws-logs';
import {
  CaCertificate,
  Credentials,
  DatabaseInstance,
  DatabaseInstanceEngine,
  type IInstanceEngine,
  MysqlEngineVersion,
  ParameterGroup,
  StorageType,
} from 'aws-cdk-lib/aws-rds';
import { type ISecret, Secret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import type { SystemDescription } from '../../system-description.ts';
import type { Stage } from '../stage.ts';
import { acknowledge, SystemStack, stageName } from '../system-stack.ts';
import type { NetworkStack } from './network-stack.ts';

/** Created together with the instance. */
export const DATABASE_NAME = 'retail';
const EXPORTED_LOGS = ['error', 'slowquery'] as const;
export const DATABASE_USER = 'retail';

/** Sales in MySQL, the simulation's state in DynamoDB, and the token that protects it. */
export class StorageStack extends SystemStack {
  readonly database: DatabaseInstance;
  /** `{"username": …, "password": …}`, created and rotated by RDS. */
  readonly databaseSecret: ISecret;
  readonly table: Table;
  readonly apiToken: Secret;

  constructor(scope: Construct, stage: Stage, system: SystemDescription, network: NetworkStack) {
    super(scope, 'storage', stage, 'Retail Time Machine: MySQL, the simulation table and the API token');
    this.database = this.createDatabase(network);
    this.databaseSecret = managedSecret(this.database);
    this.table = simulationTable(this, system.table, {
      deletionProtection: stage.protectData,
      removalPolicy: this.dataRemoval,
    });
    this.apiToken = apiTokenSecret(this, this.dataRemoval);
    new CfnOutput(this, 'ApiTokenSecret', {
      value: this.apiToken.secretArn,
      description: 'Secret that holds the API token',
    });
    this.explain();
  }

  private explain(): void {
    acknowledge(this.apiToken, {
      'AwsSolutions-SMG4':
        'People and scripts know the token, so its owner rotates it by hand (docs/operations.md).',
    });
    acknowledge(this.database, {
      'AwsSolutions-RDS11': 'The security group admits only the functions, whatever the port.',
      ...(this.stage.mysql.multiAz
        ? {}
        : {
            'AwsSolutions-RDS3':
              'The stage accepts outages of its one zone: the pipeline waits and loses nothing.',
          }),
      ...(this.stage.protectData
        ? {}
        : {
            'AwsSolutions-RDS10': 'The stage is meant to be destroyed, and its data can be generated again.',
          }),
    });
  }

  private createDatabase(network: NetworkStack): DatabaseInstance {
    const { mysql, protectData } = this.stage;
    const database = new DatabaseInstance(this, 'MySql', {
      instanceIdentifier: stageName(this.stage, 'mysql'),
      engine: engine(mysql.version),
      instanceType: new InstanceType(mysql.instanceSize),
      databaseName: DATABASE_NAME,
      credentials: Credentials.fromUsername(DATABASE_USER),
      // RDS generates the password and rotates it every seven days; no rotation function is needed.
      manageMasterUserPassword: true,
      // Functions log in with their roles.
      iamAuthentication: true,
      vpc: network.vpc,
      vpcSubnets: network.databaseSubnets,
      securityGroups: [network.databaseGroup],
      publiclyAccessible: false,
      parameterGroup: this.parameters(),
      caCertificate: CaCertificate.RDS_CA_RSA2048_G1,
      storageType: StorageType.GP3,
      allocatedStorage: mysql.storageGb,
      maxAllocatedStorage: mysql.maxStorageGb,
      storageEncrypted: true,
      multiAz: mysql.multiAz,
      backupRetention: Duration.days(mysql.backupDays),
      copyTagsToSnapshot: true,
      deleteAutomatedBackups: !protectData,
      deletionProtection: protectData,
      removalPolicy: protectData ? RemovalPolicy.SNAPSHOT : RemovalPolicy.DESTROY,
      cloudwatchLogsExports: [...EXPORTED_LOGS],
      // Only the setting changes the version: otherwise the next deployment would ask for a downgrade.
      autoMinorVersionUpgrade: false,
      // The stage names the version, so a new series is meant. RDS refuses it otherwise.
      allowMajorVersionUpgrade: true,
    });
    database.node.addDependency(...this.databaseLogs());
    return database;
  }

  /** Created before RDS creates them, because its own log groups never expire. */
  private databaseLogs(): LogGroup[] {
    const prefix = `/aws/rds/instance/${stageName(this.stage, 'mysql')}`;
    return EXPORTED_LOGS.map((name) => this.logGroup(this, `MySqlLog ${name}`, `${prefix}/${name}`));
  }

  private parameters(): ParameterGroup {
    return new ParameterGroup(this, 'MySqlParameters', {
      engine: engine(this.stage.mysql.version),
      description: 'TLS only, LOAD DATA LOCAL for the ETL',
      parameters: {
        // Defaults of the database that is created with the instance, as on one machine.
        character_set_server: 'utf8mb4',
        collation_server: 'utf8mb4_bin',
        require_secure_transport: '1',
        local_infile: '1',
        max_connections: String(this.stage.mysql.maxConnections),
        slow_query_log: '1',
        long_query_time: '1',
        log_output: 'FILE',
      },
    });
  }
}

function engine(version: string): IInstanceEngine {
  const series = version.split('.', 2).join('.');
  return DatabaseInstanceEngine.mysql({ version: MysqlEngineVersion.of(version, series) });
}

/** @throws Error if RDS doesn't manage the password of the instance. */
function managedSecret(database: DatabaseInstance): ISecret {
  if (!database.secret)
    throw new Error('RDS must manage the password of the database: manageMasterUserPassword.');
  return database.secret;
}

interface SimulationTableProps {
  readonly deletionProtection: boolean;
  readonly removalPolicy: RemovalPolicy;
}

/** The table with the simulation's state, as the system describes it. */
export function simulationTable(
  scope: Construct,
  { partitionKey, sortKey, timeToLive, stream }: SystemDescription['table'],
  props: SimulationTableProps,
): Table {
  return new Table(scope, 'Simulation', {
    partitionKey: { name: partitionKey, type: AttributeType.STRING },
    sortKey: { name: sortKey, type: AttributeType.STRING },
    billingMode: BillingMode.PAY_PER_REQUEST,
    timeToLiveAttribute: timeToLive,
    stream: StreamViewType[stream],
    pointInTimeRecoverySpecification: { pointInTimeRecoveryEnabled: true },
    ...props,
  });
}

/** The secret with the API token. CloudFormation names it, because a deleted secret blocks its name for a month. */
export function apiTokenSecret(scope: Construct, removalPolicy: RemovalPolicy): Secret {
  return new Secret(scope, 'ApiToken', {
    description: 'Bearer token of the routes that change the simulation',
    generateSecretString: { excludePunctuation: true, passwordLength: 40 },
    removalPolicy,
  });
}
