import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import { WRITER_SESSION } from '../../functions/consumer/event-writer.ts';
import { dynamodbConfigOf, mysqlSettingsOf } from '../../infra/local/environment.ts';
import type { ServerAddresses, ServerName } from '../../infra/local/servers/addresses.ts';
import type { RunningServers } from '../../infra/local/servers/managed-server.ts';
import { reservePorts } from '../../infra/local/servers/ports.ts';
import { startServers } from '../../infra/local/servers/start.ts';
import { openPool, type Pool } from '../../shared/mysql/connection.ts';
import { nonIdempotentClient, retryingClient } from '../../shared/simulation/dynamodb.ts';
import { openSimulationStore } from '../../shared/simulation/store.ts';
import { type RunningSystem, startSystemOn } from '../support/system.ts';
import { openTcpProxy, type TcpProxy } from '../support/tcp-proxy.ts';
import { type AcceptedRuns, openAcceptedRuns } from './accepted-runs.ts';
import type { Observed } from './comparison.ts';
import { type FaultPoints, openFaultPoints } from './fault-points.ts';
import { type ForeignBatches, openForeignBatches } from './foreign-batches.ts';
import type { FaultyServer } from './server-faults.ts';

/** Servers of its own, each behind a proxy, and the system running on them with fault points in its pipeline. */
export interface FaultEnvironment {
  readonly system: RunningSystem;
  readonly servers: Readonly<Record<ServerName, FaultyServer>>;
  readonly faultPoints: FaultPoints;
  /** Reads the stores directly, bypassing the proxies. */
  readonly observed: Observed;
  readonly accepted: AcceptedRuns;
  readonly foreign: ForeignBatches;
  /** Opens a pool like the consumer's, bypassing the proxy and waiting longer for the lock; the caller ends it. */
  openWriter(): Pool;
  close(): Promise<void>;
}

/**
 * A machine that stalls for seconds must not cost a case its lock. Less than the 30 s after which the server takes the lock
 * away from a silent consumer.
 */
const PATIENT = { innodb_lock_wait_timeout: 15 };

/** Days of the data set; every case advances its run to the last one. */
export const DAYS = 24;

/** @param dataDirectory Folder for the servers' data; default: a temporary folder. */
export async function openFaultEnvironment(dataDirectory?: string): Promise<FaultEnvironment> {
  const directory = await mkdtemp(join(tmpdir(), 'faults-'));
  const ends: (() => Promise<unknown>)[] = [() => rm(directory, { recursive: true, force: true })];
  const close = async () => {
    for (const end of ends.splice(0).reverse()) await end();
  };
  try {
    const place = dataDirectory ?? join(directory, 'servers');
    const running = await startServers({
      dataDirectory: place,
      mode: 'native',
      fresh: true,
      report: () => {},
    });
    ends.push(async () => {
      // Their data is discarded, so an orderly shutdown would only cost time.
      await Promise.all([...running.servers.values()].map((server) => server.kill()));
      await running.stop();
    });
    return { ...(await build(running, place, ends)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

async function build(
  running: RunningServers,
  dataDirectory: string,
  ends: (() => Promise<unknown>)[],
): Promise<Omit<FaultEnvironment, 'close'>> {
  const { addresses } = running;
  const endpoint = new URL(addresses.dynamodbEndpoint);
  const closing = <One extends { close(): Promise<void> }>(one: One): One => {
    ends.push(() => one.close());
    return one;
  };
  const mysql = closing(await openTcpProxy(addresses.mysql.host, addresses.mysql.port));
  const dynamodb = closing(await openTcpProxy(endpoint.hostname, Number(endpoint.port)));
  const hidden = await reservePorts(join(dataDirectory, 'hidden-ports.json'), ['kafka']);
  ends.push(async () => hidden.release());
  const kafka = closing(await putKafkaBehindProxy(running, dataDirectory, hidden.ports.kafka));
  const points = closing(await openFaultPoints());
  // Hosts started from here on read this address.
  process.env.FAULT_POINTS = points.url;
  const proxied = {
    ...addresses,
    mysql: { ...addresses.mysql, port: mysql.port },
    dynamodbEndpoint: `http://127.0.0.1:${dynamodb.port}`,
  };
  const system = await startSystemOn(proxied, {
    days: DAYS,
    ownProcess: true,
    process: { systemModule: new URL('./entries/system.ts', import.meta.url).href },
  });
  ends.push(() => system.stop());
  const direct = { ...addresses, dynamodbAccessKeyId: system.addresses.dynamodbAccessKeyId };
  const { observed, accepted, end } = observe(direct, system);
  ends.push(end);
  const faulty = (name: ServerName, proxy: TcpProxy): FaultyServer => {
    const server = running.servers.get(name);
    if (!server) throw new Error(`There is no server ${name}.`);
    return { name, process: server, proxy };
  };
  const servers = {
    mysql: faulty('mysql', mysql),
    dynamodb: faulty('dynamodb', dynamodb),
    kafka: faulty('kafka', kafka),
  };
  const openWriter = () =>
    openPool(mysqlSettingsOf(direct, system.names.database), {
      connectionLimit: 1,
      multipleStatements: true,
      session: { ...WRITER_SESSION, ...PATIENT },
    });
  const foreign = openForeignBatches(system, join(dataDirectory, 'kafka'));
  return { system, servers, faultPoints: points, observed, accepted, foreign, openWriter };
}

/**
 * Kafka clients connect to the address the broker advertises, so the proxy listens there and the broker listens on
 * another port.
 *
 * @param hidden The broker's actual port, reserved so that nothing else takes it while the broker is down.
 */
async function putKafkaBehindProxy(
  running: RunningServers,
  dataDirectory: string,
  hidden: number,
): Promise<TcpProxy> {
  const server = running.servers.get('kafka');
  if (!server) throw new Error('There is no Kafka.');
  const told = Number(running.addresses.kafkaBrokers.split(':')[1]);
  await server.kill();
  const settings = join(dataDirectory, 'kafka', 'server.properties');
  const text = await readFile(settings, 'utf8');
  const moved = text.replace(
    `\nlisteners=PLAINTEXT://127.0.0.1:${told}`,
    `\nlisteners=PLAINTEXT://127.0.0.1:${hidden}`,
  );
  if (moved === text) throw new Error(`${settings} has no listener at ${told}.`);
  await writeFile(settings, moved);
  const proxy = await openTcpProxy('127.0.0.1', hidden, told);
  try {
    await server.start();
  } catch (error) {
    await proxy.close();
    throw error;
  }
  return proxy;
}

function observe(direct: ServerAddresses, { names }: RunningSystem) {
  const config = dynamodbConfigOf(direct);
  const pool = openPool(mysqlSettingsOf(direct, names.database), { connectionLimit: 4 });
  const client = retryingClient(config);
  const clickClient = nonIdempotentClient(config);
  const admin = new DynamoDBClient(config);
  const streams = new DynamoDBStreamsClient(config);
  const store = openSimulationStore({ tableName: names.table, client, incrementClient: clickClient });
  const end = async () => {
    for (const one of [client, clickClient, admin, streams]) one.destroy();
    await pool.end();
  };
  return { observed: { pool, store }, accepted: openAcceptedRuns(admin, streams, names.table), end };
}

/** Both limits exceeded mean that the host can't start at all: no outage lasts that long. */
const STARTS = { attempts: 20, milliseconds: 150_000 };

/** Restarts the host until it succeeds, as a supervisor would; a server may be unavailable at the moment. */
export async function restartHost(system: RunningSystem): Promise<void> {
  const startedAt = Date.now();
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await system.restart();
    } catch (error) {
      if (attempt >= STARTS.attempts && Date.now() - startedAt > STARTS.milliseconds) throw error;
      await wait(250);
    }
  }
}
