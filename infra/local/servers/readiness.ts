import '../../../shared/kafka/idle-timer-fix.ts';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient, ListTablesCommand } from '@aws-sdk/client-dynamodb';
import { Kafka, logLevel } from 'kafkajs';
import { createConnection } from 'mysql2/promise';
import { withDeadline } from '../../../shared/deadline.ts';
import type { ServerAddresses } from './addresses.ts';

const PROBE_TIMEOUT_MS = 3_000;
/** Limits the total time of a probe: a server that freezes in the middle of a response trips none of its client's own timeouts. */
const PROBE_LIMIT_MS = 10_000;
const PAUSE_MS = 25;

/** Asks for a description of the cluster. @throws unless a broker answers and has joined it. */
export async function probeKafka(brokers: string): Promise<void> {
  const kafka = new Kafka({
    clientId: 'readiness',
    brokers: brokers.split(',').map((broker) => broker.trim()),
    logLevel: logLevel.NOTHING,
    connectionTimeout: PROBE_TIMEOUT_MS,
    requestTimeout: PROBE_TIMEOUT_MS,
    retry: { retries: 0 },
  });
  const admin = kafka.admin();
  try {
    await admin.connect();
    const cluster = await admin.describeCluster();
    if (cluster.brokers.length === 0) throw new Error('The broker has not joined its cluster yet.');
  } finally {
    await admin.disconnect();
  }
}

/** Fails unless the user can log in and query the database. */
export async function probeMysql(mysql: ServerAddresses['mysql']): Promise<void> {
  const connection = await createConnection({ ...mysql, connectTimeout: PROBE_TIMEOUT_MS });
  // A broken connection fails the query.
  connection.on('error', () => {});
  try {
    await connection.query('SELECT 1');
    await connection.end();
  } finally {
    connection.destroy();
  }
}

/** Fails unless the server lists its tables. */
export async function probeDynamodb(addresses: DynamodbAddress): Promise<void> {
  const client = new DynamoDBClient({
    endpoint: addresses.dynamodbEndpoint,
    region: addresses.region,
    credentials: {
      accessKeyId: addresses.dynamodbAccessKeyId,
      secretAccessKey: addresses.dynamodbSecretAccessKey,
    },
    maxAttempts: 1,
  });
  try {
    const abortSignal = AbortSignal.timeout(PROBE_TIMEOUT_MS);
    await client.send(new ListTablesCommand({ Limit: 1 }), { abortSignal });
  } finally {
    client.destroy();
  }
}

export type DynamodbAddress = Pick<
  ServerAddresses,
  'dynamodbEndpoint' | 'dynamodbAccessKeyId' | 'dynamodbSecretAccessKey' | 'region'
>;

/**
 * Repeats a probe until it succeeds.
 *
 * @throws the last probe's error after `limitMs`, and the signal's reason once it aborts.
 */
export async function waitUntilReady(
  probe: () => Promise<void>,
  limitMs: number,
  signal: AbortSignal,
): Promise<void> {
  const end = Date.now() + limitMs;
  for (;;) {
    signal.throwIfAborted();
    try {
      return await withDeadline(PROBE_LIMIT_MS, probe(), () => new Error('The server did not answer.'));
    } catch (error) {
      if (Date.now() > end) throw error;
    }
    await wait(PAUSE_MS);
  }
}
