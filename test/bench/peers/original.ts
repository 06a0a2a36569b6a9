/** The original system, from a checkout that its user has fetched: its own programs on the bench's servers, as its compose file configures them. */
import { randomUUID } from 'node:crypto';
import { access } from 'node:fs/promises';
import path from 'node:path';
import { kafkaSettingsOf } from '../../../infra/local/environment.ts';
import type { ServerAddresses } from '../../../infra/local/servers/addresses.ts';
import { reservePorts } from '../../../infra/local/servers/ports.ts';
import { runProgram } from '../../../infra/local/servers/program.ts';
import { SetupError } from '../../../infra/local/servers/setup-error.ts';
import { createTopicIfMissing } from '../../../infra/local/stores/stores.ts';
import { topic as topicOfSystem } from '../../../infra/system.ts';
import { kafkaClient } from '../../../shared/kafka/client.ts';
import { type Pool, select } from '../../../shared/mysql/connection.ts';
import { createLogger } from '../../../shared/observability/logger.ts';
import { requireLockedEnvironment } from '../../support/python-program.ts';
import { type PeerProgram, type RunningPeer, startPeer } from './running-peer.ts';

export interface Original {
  /** Of the checkout. */
  readonly folder: string;
  /** The interpreter of an environment with its requirements. */
  readonly python: string;
}

/** Its schema names it. */
const DATABASE = 'retaildb';
const LOADED_WITHIN_MS = 180_000;

/** @throws SetupError if the folder is none of its checkouts, or if its requirements can't be installed. */
export async function requireOriginal(folder: string, report: (line: string) => void): Promise<Original> {
  const root = path.resolve(folder);
  const requirements = path.join(root, 'requirements.txt');
  for (const file of [requirements, path.join(root, 'kafka/consumer/consumer.py')]) {
    await access(file).catch(() => {
      throw new SetupError(`${file} is missing`);
    });
  }
  return { folder: root, python: await requireLockedEnvironment('bench-original', requirements, report) };
}

interface Place {
  readonly addresses: ServerAddresses;
  /** For files; deleted by the bench. */
  readonly directory: string;
  readonly pool: Pool;
  /** CSV. */
  readonly dataset: string;
}

/** Empties its database and loads the data set. Its own loader also makes its tables. */
export async function loadOriginal(original: Original, { addresses, pool, dataset }: Place): Promise<void> {
  await pool.query(`DROP DATABASE IF EXISTS ${DATABASE}`);
  await pool.query(`CREATE DATABASE ${DATABASE}`);
  const { file, args, cwd, env } = programOf(original, ['etl/load.py'], addresses, { CSV_PATH: dataset });
  const signal = AbortSignal.timeout(LOADED_WITHIN_MS);
  const { ok, output } = await runProgram(file, args, { cwd, env, signal });
  if (!ok) throw new Error(`The original could not load the data set:\n${output.slice(-2_000)}`);
}

/** Events it is measured on: it commits each of them. */
const MEASURED_EVENTS = 10_000;

/**
 * @param topic has at least 11,000 waiting events
 * @returns events per second of its consumer
 */
export async function originalConsumerRate(
  original: Original,
  topic: string,
  { addresses, directory, pool }: Place,
): Promise<number> {
  const variables = { KAFKA_TOPIC_SALES: topic, KAFKA_GROUP_ID: randomUUID() };
  await startAtEarliest(variables.KAFKA_GROUP_ID, topic, addresses);
  const program = programOf(original, ['kafka/consumer/consumer.py'], addresses, variables);
  const running = await startPeer(program, directory);
  try {
    await running.until(async () => (await storedBy(pool)) > 0);
    const [first, begun] = [await storedBy(pool), performance.now()];
    await running.until(async () => (await storedBy(pool)) >= first + MEASURED_EVENTS);
    const [last, ended] = [await storedBy(pool), performance.now()];
    return ((last - first) * 1_000) / (ended - begun);
  } finally {
    await running.stop();
  }
}

/** Commits the first offsets for a group without any: its consumer would begin with the events that are sent later. */
async function startAtEarliest(groupId: string, topic: string, addresses: ServerAddresses): Promise<void> {
  const names = { database: DATABASE, table: '-', topic, consumerGroup: groupId };
  const kafka = kafkaClient(kafkaSettingsOf(addresses, names), 'bench', createLogger('bench'));
  const admin = kafka.admin();
  await admin.connect();
  try {
    const partitions = (await admin.fetchTopicOffsets(topic)).map(({ partition, low }) => ({
      partition,
      offset: low,
    }));
    await admin.setOffsets({ groupId, topic, partitions });
  } finally {
    await admin.disconnect();
  }
}

async function storedBy(pool: Pool): Promise<number> {
  const [row] = await select<{ stored: number }>(
    pool,
    `SELECT COUNT(*) AS stored FROM ${DATABASE}.kafka_events`,
  );
  return row?.stored ?? 0;
}

export interface RunningOriginal {
  readonly url: string;
  stop(): Promise<void>;
}

/** Starts its API, producer and consumer on an empty topic. Resolves when its API knows the days. */
export async function startOriginal(original: Original, place: Place): Promise<RunningOriginal> {
  const { addresses, directory } = place;
  const topic = `original-${randomUUID()}`;
  const names = { database: DATABASE, table: '-', topic, consumerGroup: topic };
  const kafka = kafkaClient(kafkaSettingsOf(addresses, names), 'bench', createLogger('bench'));
  await createTopicIfMissing(kafka, { ...topicOfSystem, topic });
  const { ports, release } = await reservePorts(path.join(directory, `${topic}.json`), ['http']);
  const url = `http://127.0.0.1:${ports.http}`;
  const variables = { KAFKA_TOPIC_SALES: topic, KAFKA_GROUP_ID: topic, API_URL: url };
  const started: RunningPeer[] = [];
  const start = async (args: readonly string[]) => {
    const running = await startPeer(programOf(original, args, addresses, variables), directory);
    started.push(running);
    return running;
  };
  const stop = async () => {
    await Promise.all(started.map((running) => running.stop()));
    release();
  };
  try {
    const api = await start([
      '-m',
      'uvicorn',
      'app.main:app',
      '--host',
      '127.0.0.1',
      '--port',
      String(ports.http),
    ]);
    await start(['kafka/consumer/consumer.py']);
    await start(['kafka/producer/producer.py']);
    await api.until(async () => {
      const status: unknown = await (await fetch(`${url}/simulation/status`)).json();
      return (
        typeof status === 'object' && status !== null && 'total_days' in status && status.total_days !== 0
      );
    });
    return { url, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

function programOf(
  { folder, python }: Original,
  args: readonly string[],
  { kafkaBrokers, mysql }: ServerAddresses,
  variables: Readonly<Record<string, string>>,
): Required<PeerProgram> {
  return {
    file: python,
    args,
    cwd: folder,
    env: {
      // The checkout stays as it is.
      PYTHONDONTWRITEBYTECODE: '1',
      MYSQL_HOST: mysql.host,
      MYSQL_PORT: String(mysql.port),
      MYSQL_USER: mysql.user,
      MYSQL_PASSWORD: mysql.password,
      MYSQL_DATABASE: DATABASE,
      KAFKA_BOOTSTRAP_SERVERS: kafkaBrokers,
      ...variables,
    },
  };
}
