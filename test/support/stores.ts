import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { inject } from 'vitest';
import { migrate, readMigrations } from '../../functions/migrate/migrations.ts';
import { dynamodbConfigOf, mysqlSettingsOf } from '../../infra/local/environment.ts';
import { createDatabaseIfMissing, createTableIfMissing } from '../../infra/local/stores/stores.ts';
import { table } from '../../infra/system.ts';
import { openPool, type Pool, type PoolSettings } from '../../shared/mysql/connection.ts';
import type { MysqlSettings } from '../../shared/settings.ts';
import { nonIdempotentClient, retryingClient } from '../../shared/simulation/dynamodb.ts';
import { openSimulationStore, type SimulationStore } from '../../shared/simulation/store.ts';
import { ownAddresses, ownNames } from './names.ts';

/** A simulation store on a new, empty table. */
export async function freshStore(): Promise<SimulationStore> {
  return (await freshStoreWithClient()).store;
}

/** The same, with the clients it uses: for advances, and for everything else. */
export async function freshStoreWithClient(): Promise<{
  store: SimulationStore;
  client: DynamoDBDocumentClient;
  incrementClient: DynamoDBDocumentClient;
}> {
  const config = dynamodbConfigOf(ownAddresses(inject('servers')));
  const tableName = 'simulation';
  const admin = new DynamoDBClient(config);
  await createTableIfMissing(admin, tableName, table);
  admin.destroy();
  const client = retryingClient(config);
  const incrementClient = nonIdempotentClient(config);
  return {
    client,
    incrementClient,
    store: openSimulationStore({ tableName, client, incrementClient }),
  };
}

const silent = { info: () => {}, warn: () => {} };

/** A new database with the schema applied. */
export interface FreshDatabase {
  readonly settings: MysqlSettings;
  /** A pool on it, ended by the caller. */
  open(pool?: Partial<PoolSettings>): Pool;
}

export async function freshDatabase(servers = inject('servers')): Promise<FreshDatabase> {
  const settings = mysqlSettingsOf(servers, ownNames().database);
  await createDatabaseIfMissing(settings);
  const pool = openPool(settings, { connectionLimit: 1 });
  await migrate(pool, await readMigrations('data/schema'), silent);
  await pool.end();
  return { settings, open: (options = {}) => openPool(settings, { connectionLimit: 2, ...options }) };
}
