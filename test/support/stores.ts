import { randomBytes } from 'node:crypto';
import {
  CreateTableCommand,
  type CreateTableCommandInput,
  DynamoDBClient,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { inject } from 'vitest';
import { openPool, type Pool, type PoolSettings } from '../../shared/mysql/connection.ts';
import { createDatabaseIfMissing } from '../../shared/mysql/database.ts';
import { migrate, readMigrations } from '../../shared/mysql/migrations.ts';
import { type MysqlSettings, mysqlSettings } from '../../shared/mysql/settings.ts';
import { retryingClient, singleAttemptClient } from '../../shared/simulation/dynamodb.ts';
import { openSimulationStore, type SimulationStore } from '../../shared/simulation/store.ts';

const TABLE: Omit<CreateTableCommandInput, 'TableName'> = {
  KeySchema: [
    { AttributeName: 'pk', KeyType: 'HASH' },
    { AttributeName: 'sk', KeyType: 'RANGE' },
  ],
  AttributeDefinitions: [
    { AttributeName: 'pk', AttributeType: 'S' },
    { AttributeName: 'sk', AttributeType: 'S' },
  ],
  BillingMode: 'PAY_PER_REQUEST',
};

/** A simulation store on an empty table of its own. */
export async function freshStore(): Promise<SimulationStore> {
  const { dynamodbEndpoint: endpoint, region } = inject('servers');
  const credentials = { accessKeyId: `store${randomBytes(6).toString('hex')}`, secretAccessKey: 'local' };
  const config = { endpoint, region, credentials };
  const tableName = 'simulation';
  const client = new DynamoDBClient(config);
  await client.send(new CreateTableCommand({ TableName: tableName, ...TABLE }));
  await waitUntilTableExists({ client, maxWaitTime: 30 }, { TableName: tableName });
  client.destroy();
  return openSimulationStore({
    tableName,
    client: retryingClient(config),
    clickClient: singleAttemptClient(config),
  });
}

const silent = { info: () => {}, warn: () => {} };

/** A database of its own with the schema applied. */
export interface FreshDatabase {
  readonly settings: MysqlSettings;
  /** A pool on it; the caller ends it. */
  open(pool?: Partial<PoolSettings>): Pool;
}

export async function freshDatabase(): Promise<FreshDatabase> {
  const { mysql } = inject('servers');
  const settings = mysqlSettings.parse({
    MYSQL_HOST: mysql.host,
    MYSQL_PORT: mysql.port,
    MYSQL_USER: mysql.user,
    MYSQL_PASSWORD: mysql.password,
    MYSQL_DATABASE: `test_${randomBytes(6).toString('hex')}`,
  });
  await createDatabaseIfMissing(settings);
  const pool = openPool(settings, { connectionLimit: 1 });
  await migrate(pool, await readMigrations('data/schema'), silent);
  await pool.end();
  return { settings, open: (options = {}) => openPool(settings, { connectionLimit: 2, ...options }) };
}
