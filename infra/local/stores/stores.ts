import { setTimeout as wait } from 'node:timers/promises';
import {
  CreateTableCommand,
  DescribeTableCommand,
  DescribeTimeToLiveCommand,
  type DynamoDBClient,
  ResourceInUseException,
  UpdateTimeToLiveCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import type { Admin } from 'kafkajs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { kafkaClient } from '../../../shared/kafka/client.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import type { MysqlSettings } from '../../../shared/settings.ts';
import type { SystemDescription } from '../../system-description.ts';
import { kafkaSettingsOf, mysqlSettingsOf, type SystemNames } from '../environment.ts';
import type { ServerAddresses } from '../servers/addresses.ts';

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

/** A topic as the system describes it. */
export interface TopicDefinition {
  readonly topic: string;
  readonly partitions: number;
  readonly retentionHours: number;
}

/** The part of kafkajs's admin client that is used. */
export type TopicAdmin = Pick<
  Admin,
  'connect' | 'disconnect' | 'listTopics' | 'createTopics' | 'fetchTopicMetadata'
>;

/** If a new topic isn't available by then, the cluster is broken. */
const SERVED_WITHIN_MS = 30_000;
const POLL_EVERY_MS = 50;

/**
 * Creates the topic with one replica if it is missing, on a local or external broker. Resolves when its partitions have leaders.
 *
 * @throws if no broker answers, or if the topic has another number of partitions: changing it would move keys between them.
 */
export async function createTopicIfMissing(
  kafka: { admin(): TopicAdmin },
  definition: TopicDefinition,
): Promise<void> {
  const admin = kafka.admin();
  await admin.connect();
  try {
    const existing = await admin.listTopics();
    if (!existing.includes(definition.topic)) await create(admin, definition);
    checkPartitions(await servedPartitions(admin, definition.topic), definition);
  } finally {
    await admin.disconnect();
  }
}

async function create(
  admin: TopicAdmin,
  { topic, partitions, retentionHours }: TopicDefinition,
): Promise<void> {
  // Resolves with false if another process has created it meanwhile. kafkajs itself (2.2) waits for leaders only if the broker
  // knows the topic already.
  await admin.createTopics({
    waitForLeaders: false,
    timeout: SERVED_WITHIN_MS,
    topics: [
      {
        topic,
        numPartitions: partitions,
        replicationFactor: 1,
        configEntries: [{ name: 'retention.ms', value: String(retentionHours * 3_600_000) }],
      },
    ],
  });
}

/**
 * Waits until the topic is available: brokers learn of a new one from the controller's log, some time after its creation.
 *
 * @returns how many partitions it has.
 */
async function servedPartitions(admin: TopicAdmin, topic: string): Promise<number> {
  const end = performance.now() + SERVED_WITHIN_MS;
  for (;;) {
    try {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const partitions = topics[0]?.partitions ?? [];
      if (partitions.length > 0 && partitions.every(({ leader }) => leader >= 0)) return partitions.length;
      if (performance.now() > end)
        throw new Error(`The topic ${topic} has no leaders for all its partitions.`);
    } catch (error) {
      if (!isYetToCome(error) || performance.now() > end) throw error;
    }
    await wait(POLL_EVERY_MS);
  }
}

/** Compares the error's `type`, because Node can't import kafkajs's error classes from an ES module. */
function isYetToCome(error: unknown): boolean {
  const yetToCome = ['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'];
  return error instanceof Error && 'type' in error && yetToCome.includes(String(error.type));
}

function checkPartitions(found: number, { topic, partitions }: TopicDefinition): void {
  if (found !== partitions) {
    throw new Error(
      `The topic ${topic} has ${found} partitions instead of ${partitions}: delete it, or start with empty stores.`,
    );
  }
}
