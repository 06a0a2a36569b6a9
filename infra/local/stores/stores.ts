import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { kafkaClient } from '../../../shared/kafka/client.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import type { MysqlSettings } from '../../../shared/settings.ts';
import type { SystemDescription } from '../../system-description.ts';
import { kafkaSettingsOf, mysqlSettingsOf } from '../clients.ts';
import type { SystemNames } from '../environment.ts';
import type { ServerAddresses } from '../servers/addresses.ts';
import { createTopicIfMissing } from './topic.ts';

/** Creates what the deployed stacks create: database, table and topic. Existing ones are left unchanged. */

/** Creates database, table and topic if they are missing. @throws if a server doesn't answer or the table differs. */
export async function createStores(
  { table, topic }: Pick<SystemDescription, 'table' | 'topic'>,
  addresses: ServerAddresses,
  names: SystemNames,
  client: DynamoDBClient,
): Promise<void> {
  const kafka = kafkaClient(kafkaSettingsOf(addresses, names), 'host', createLogger('host'));
  await Promise.all([
    createDatabaseIfMissing(mysqlSettingsOf(addresses, names.database)),
    createTableIfMissing(client, names.table, table),
    createTopicIfMissing(kafka, { ...topic, topic: names.topic }),
  ]);
}

/** Whether the account may create users and pass its privileges on to them. */
export async function mayCreateUsers({ mysql }: Pick<ServerAddresses, 'mysql'>): Promise<boolean> {
  const { host, port, user, password } = mysql;
  const connection = await createConnection({ host, port, user, password });
  try {
    const [rows] = await connection.query<RowDataPacket[]>('SHOW GRANTS');
    const grants = rows.flatMap((row) => Object.values(row).map(String));
    return grants.some((grant) => / ON \*\.\* TO .* WITH GRANT OPTION/.test(grant));
  } finally {
    await connection.end();
  }
}

/**
 * Creates a table with stream and time to live, billed on demand.
 *
 * @throws Error if a table of this name has another stream.
 */
export async function createTableIfMissing(
  client: DynamoDBClient,
  name: string,
  definition: SystemDescription['table'],
): Promise<void> {
  await createTable(client, name, definition);
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 1, maxDelay: 1 }, { TableName: name });
  const { Table } = await client.send(new DescribeTableCommand({ TableName: name }));
  if (Table?.StreamSpecification?.StreamViewType !== definition.stream) {
    throw new Error(`The table ${name} has no stream of ${definition.stream}: start with empty stores.`);
  }
  await enableTimeToLive(client, name, definition.timeToLive);
}

async function createTable(
  client: DynamoDBClient,
  name: string,
  { partitionKey, sortKey, stream }: SystemDescription['table'],
): Promise<void> {
  const command = new CreateTableCommand({
    TableName: name,
    BillingMode: 'PAY_PER_REQUEST',
    KeySchema: [
      { AttributeName: partitionKey, KeyType: 'HASH' },
      { AttributeName: sortKey, KeyType: 'RANGE' },
    ],
    AttributeDefinitions: [
      { AttributeName: partitionKey, AttributeType: 'S' },
      { AttributeName: sortKey, AttributeType: 'S' },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: stream },
  });
  try {
    await client.send(command);
  } catch (error) {
    if (!(error instanceof ResourceInUseException)) throw error;
  }
}

async function enableTimeToLive(client: DynamoDBClient, name: string, attribute: string): Promise<void> {
  const { TimeToLiveDescription: now } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: name }),
  );
  if (now?.TimeToLiveStatus === 'ENABLED') return;
  const TimeToLiveSpecification = { AttributeName: attribute, Enabled: true };
  await client.send(new UpdateTimeToLiveCommand({ TableName: name, TimeToLiveSpecification }));
}

/** Creates the database of the settings if it is missing, on a local or external server. Requires permission to create it. */
export async function createDatabaseIfMissing(mysql: MysqlSettings): Promise<void> {
  const connection = await createConnection({
    host: mysql.MYSQL_HOST,
    port: mysql.MYSQL_PORT,
    user: mysql.MYSQL_USER,
    ...(mysql.MYSQL_PASSWORD === undefined ? {} : { password: mysql.MYSQL_PASSWORD }),
  });
  try {
    await connection.query(
      `CREATE DATABASE IF NOT EXISTS \`${mysql.MYSQL_DATABASE}\` DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin`,
    );
  } finally {
    await connection.end();
  }
}
