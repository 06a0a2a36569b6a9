import { devNull } from 'node:os';
import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  type KafkaSettings,
  kafkaSettings,
  type MysqlSettings,
  mysqlSettings,
} from '../../shared/settings.ts';
import { capabilities, streaming } from '../capabilities.ts';
import type { LocalResources, Variables } from '../capability-resources.ts';
import { eventSources, topic } from '../system.ts';
import type { FunctionDefinition } from '../system-description.ts';
import type { ServerAddresses } from './servers/addresses.ts';

/** The environment of each function on this machine: the same variables as on AWS, derived from what it uses. */

/** The names of one system's stores, on servers that may be shared by several systems. */
export interface SystemNames {
  readonly database: string;
  readonly table: string;
  readonly topic: string;
  readonly consumerGroup: string;
}

export interface EnvironmentContext extends LocalResources {
  readonly addresses: ServerAddresses;
  readonly names: SystemNames;
  readonly logLevel: string;
}

/** A function's entire `process.env`. */
export function localEnvironment(
  name: string,
  definition: Pick<FunctionDefinition, 'uses' | 'memoryMb' | 'invocation' | 'environment'>,
  context: EnvironmentContext,
): Record<string, string> {
  const { uses, invocation } = definition;
  return Object.assign(
    {},
    lambdaVariables(name, definition.memoryMb, context),
    ...uses.map((capability) => capabilities[capability].locally(context, name)),
    invocation === 'stream' ? streaming.locally(context, name) : {},
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
    // Not the AWS profile of the developer.
    AWS_CONFIG_FILE: devNull,
    AWS_SHARED_CREDENTIALS_FILE: devNull,
    AWS_EC2_METADATA_DISABLED: 'true',
    POWERTOOLS_SERVICE_NAME: name,
    POWERTOOLS_LOG_LEVEL: logLevel,
    POWERTOOLS_METRICS_NAMESPACE: 'RetailTimeMachine/local',
    TZ: 'UTC',
  };
}

/** The stores of the clone's one system, on its own servers or on external ones. */
export function namesOf({ mysql }: ServerAddresses): SystemNames {
  const { consumerGroup } = eventSources.topic;
  return { database: mysql.database, table: 'simulation', topic: topic.name, consumerGroup };
}

/** How this process itself, rather than a function, reaches the servers. */

export function mysqlSettingsOf({ mysql }: Pick<ServerAddresses, 'mysql'>, database: string): MysqlSettings {
  return mysqlSettings.parse({
    MYSQL_HOST: mysql.host,
    MYSQL_PORT: mysql.port,
    MYSQL_DATABASE: database,
    MYSQL_USER: mysql.user,
    MYSQL_PASSWORD: mysql.password,
  });
}

/** The settings of the topic on the local broker. */
export function kafkaSettingsOf({ kafkaBrokers }: ServerAddresses, names: SystemNames): KafkaSettings {
  return kafkaSettings.parse({
    KAFKA_BROKERS: kafkaBrokers,
    KAFKA_TOPIC: names.topic,
    KAFKA_CONSUMER_GROUP: names.consumerGroup,
  });
}

/** The SDK's configuration for the local DynamoDB. */
export function dynamodbConfigOf(addresses: ServerAddresses): DynamoDBClientConfig {
  return {
    endpoint: addresses.dynamodbEndpoint,
    region: addresses.region,
    credentials: {
      accessKeyId: addresses.dynamodbAccessKeyId,
      secretAccessKey: addresses.dynamodbSecretAccessKey,
    },
  };
}
