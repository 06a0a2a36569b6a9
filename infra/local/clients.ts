import type { DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import {
  type KafkaSettings,
  kafkaSettings,
  type MysqlSettings,
  mysqlSettings,
} from '../../shared/settings.ts';
import { eventSources, topic } from '../system.ts';
import type { SystemNames } from './environment.ts';
import type { ServerAddresses } from './servers/addresses.ts';

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
