/** The environment of each function on this machine: the same variables as on AWS, derived from what it uses. */
import { devNull } from 'node:os';
import type { LocalDeployment } from '../aws/localstack/deploy.ts';
import type { Capability, HostedFunction } from '../lambda-host/system-description.ts';
import type { ServerAddresses } from './servers/addresses.ts';

/** The stores of one system on servers that may hold several. */
export interface SystemNames {
  readonly database: string;
  readonly table: string;
  readonly topic: string;
  readonly consumerGroup: string;
}

export interface EnvironmentContext {
  readonly addresses: ServerAddresses;
  readonly names: SystemNames;
  /** Where the host answers the Invoke API. */
  readonly lambdaEndpoint: string;
  /** Where the host tells that the table was written: the name of a `BroadcastChannel`. */
  readonly tableWritesChannel: string;
  /** The built files of the live page. */
  readonly pageDirectory: string;
  /** The built documentation of the API. */
  readonly docsDirectory: string;
  /** The numbered SQL files. */
  readonly schemaDirectory: string;
  /** What changes the state asks for it; empty for none. */
  readonly apiToken: string;
  readonly logLevel: string;
  /** What the CDK has deployed to LocalStack; the functions find it there as they do on AWS. */
  readonly deployment?: Pick<LocalDeployment, 'apiTokenSecret'> | undefined;
}

type Variables = Readonly<Record<string, string>>;

/** On AWS the whole duration of a stream is billed; here a process serves many and is told when a viewer goes. */
const STREAM_LIFETIME_SECONDS = 14 * 60;

/** The host tells of what its functions write. So it is enough to look seldom for what others do: a look costs 2 ms of CPU. */
const QUIET_LOOK_MS = 1_000;

/** All that a function finds in `process.env`. */
export function functionEnvironment(
  name: string,
  definition: Pick<HostedFunction, 'uses' | 'memoryMb' | 'invocation' | 'environment'>,
  context: EnvironmentContext,
): Record<string, string> {
  const { uses, invocation } = definition;
  return Object.assign(
    {},
    lambdaVariables(name, definition.memoryMb, context),
    ...uses.map((capability) => capabilityVariables(capability, context)),
    invocation === 'stream' ? streamVariables(context) : {},
    definition.environment,
  );
}

function lambdaVariables(
  name: string,
  memoryMb: number,
  { addresses, logLevel }: EnvironmentContext,
): Variables {
  return {
    AWS_LAMBDA_FUNCTION_NAME: name,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: String(memoryMb),
    AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
    AWS_REGION: addresses.region,
    AWS_DEFAULT_REGION: addresses.region,
    AWS_ACCESS_KEY_ID: addresses.dynamodbAccessKeyId,
    AWS_SECRET_ACCESS_KEY: addresses.dynamodbSecretAccessKey,
    // The profile of whoever works on this machine has no say here.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    POWERTOOLS_SERVICE_NAME: name,
    POWERTOOLS_LOG_LEVEL: logLevel,
    POWERTOOLS_METRICS_NAMESPACE: 'RetailTimeMachine/local',
    TZ: 'UTC',
  };
}

function capabilityVariables(capability: Capability, context: EnvironmentContext): Variables {
  const { addresses, names } = context;
  switch (capability) {
    case 'table:read':
    case 'table:write':
      return { TABLE_NAME: names.table, AWS_ENDPOINT_URL_DYNAMODB: addresses.dynamodbEndpoint };
    case 'mysql':
      return mysqlVariables(addresses, names.database);
    case 'topic:produce':
    case 'topic:lag':
      return {
        KAFKA_BROKERS: addresses.kafkaBrokers,
        KAFKA_TOPIC: names.topic,
        KAFKA_CONSUMER_GROUP: names.consumerGroup,
      };
    case 'invoke:feed':
      return { FEED_FUNCTION_NAME: 'feed', AWS_ENDPOINT_URL_LAMBDA: context.lambdaEndpoint };
    case 'api-token':
      return tokenVariables(context);
    case 'dataset':
      // The data set is a file of this machine or an object in LocalStack, named by the event that invokes the function.
      return {
        SCHEMA_DIRECTORY: context.schemaDirectory,
        ...(context.deployment ? { AWS_ENDPOINT_URL_S3: addresses.dynamodbEndpoint } : {}),
      };
    case 'docs':
      return { DOCS_DIRECTORY: context.docsDirectory };
  }
}

function tokenVariables({ deployment, addresses, apiToken }: EnvironmentContext): Variables {
  if (!deployment) return { API_TOKEN: apiToken };
  return {
    API_TOKEN_SECRET_ARN: deployment.apiTokenSecret,
    AWS_ENDPOINT_URL_SECRETS_MANAGER: addresses.dynamodbEndpoint,
  };
}

function mysqlVariables({ mysql }: ServerAddresses, database: string): Variables {
  return {
    MYSQL_HOST: mysql.host,
    MYSQL_PORT: String(mysql.port),
    MYSQL_DATABASE: database,
    MYSQL_USER: mysql.user,
    MYSQL_PASSWORD: mysql.password,
    MYSQL_TLS: 'off',
  };
}

function streamVariables({ pageDirectory, tableWritesChannel }: EnvironmentContext): Variables {
  return {
    STREAM_LIFETIME_SECONDS: String(STREAM_LIFETIME_SECONDS),
    QUIET_LOOK_MS: String(QUIET_LOOK_MS),
    TABLE_WRITES_CHANNEL: tableWritesChannel,
    PAGE_DIRECTORY: pageDirectory,
  };
}
