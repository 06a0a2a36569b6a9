import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync, readFileSync, readlinkSync, rmSync, statSync } from 'node:fs';
import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { CreateTableCommand, DynamoDBClient, GetItemCommand, PutItemCommand } from '@aws-sdk/client-dynamodb';
import { Kafka, logLevel, Partitioners } from 'kafkajs';
import { createConnection, type RowDataPacket } from 'mysql2/promise';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { ServerAddresses } from '../../../../../infra/local/servers/addresses.ts';
import type { RunningServers } from '../../../../../infra/local/servers/managed-server.ts';
import { identify, isAlive } from '../../../../../infra/local/servers/process-identity.ts';
import { probeDynamodb, probeKafka, probeMysql } from '../../../../../infra/local/servers/readiness.ts';
import { startServers } from '../../../../../infra/local/servers/start.ts';

const NODE = fileURLToPath(new URL('../../../../../node_modules/.bin/node', import.meta.url));
const PARENT = fileURLToPath(new URL('../../../../support/servers-parent.ts', import.meta.url));

/** Tests that start servers several times take long on a busy machine. */
const SERVER_STARTS_MS = 400_000;

/** A possible name of a folder, at which shell scripts split or break. */
const root = await mkdtemp(join(tmpdir(), "the servers of o'neill "));
const parents: ChildProcess[] = [];
const started: RunningServers[] = [];

afterAll(async () => {
  for (const parent of parents) parent.kill('SIGKILL');
  await Promise.all(started.map((servers) => servers.stop()));
  rmSync(root, { recursive: true, force: true });
});

async function start(name: string, fresh = false): Promise<RunningServers> {
  const servers = await startServers({
    dataDirectory: join(root, name),
    mode: 'native',
    fresh,
    report: () => {},
  });
  started.push(servers);
  return servers;
}

interface Started {
  readonly parent: ChildProcess;
  readonly addresses: ServerAddresses;
  readonly processes: readonly { readonly name: string; readonly pid: number }[];
}

/** Starts servers in a process that can be killed without this one. */
async function startInProcess(name: string): Promise<Started> {
  const parent = spawn(NODE, [PARENT, join(root, name)], { stdio: ['ignore', 'pipe', 'inherit'] });
  parents.push(parent);
  const ended = once(parent, 'exit').then(([code]) => {
    throw new Error(
      `The servers in ${name} could not be started (exit code ${code}): standard error says why.`,
    );
  });
  // Killed later, when nothing awaits it.
  ended.catch(() => {});
  const [line] = await Promise.race([once(createInterface({ input: parent.stdout }), 'line'), ended]);
  return { parent, ...JSON.parse(String(line)) };
}

async function write(addresses: ServerAddresses): Promise<void> {
  const mysql = await createConnection({ ...addresses.mysql });
  await mysql.query('CREATE TABLE kept (id INT PRIMARY KEY)');
  await mysql.query('INSERT INTO kept VALUES (42)');
  await mysql.end();

  const kafka = kafkaClient(addresses);
  const admin = kafka.admin();
  await admin.connect();
  await admin.createTopics({ topics: [{ topic: 'kept', numPartitions: 1 }], waitForLeaders: true });
  await admin.disconnect();
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({ topic: 'kept', acks: -1, messages: [{ value: 'one' }, { value: 'two' }] });
  await producer.disconnect();

  const dynamodb = dynamodbClient(addresses);
  await dynamodb.send(
    new CreateTableCommand({
      TableName: 'kept',
      KeySchema: [{ AttributeName: 'pk', KeyType: 'HASH' }],
      AttributeDefinitions: [{ AttributeName: 'pk', AttributeType: 'S' }],
      BillingMode: 'PAY_PER_REQUEST',
    }),
  );
  await dynamodb.send(new PutItemCommand({ TableName: 'kept', Item: { pk: { S: 'one' }, n: { N: '7' } } }));
}

async function read(addresses: ServerAddresses): Promise<unknown> {
  const mysql = await createConnection({ ...addresses.mysql });
  const [rows] = await mysql.query<RowDataPacket[]>('SELECT id FROM kept');
  await mysql.end();
  const admin = kafkaClient(addresses).admin();
  await admin.connect();
  const offsets = await admin.fetchTopicOffsets('kept');
  await admin.disconnect();
  const get = new GetItemCommand({ TableName: 'kept', Key: { pk: { S: 'one' } }, ConsistentRead: true });
  const { Item } = await dynamodbClient(addresses).send(get);
  return { row: rows[0]?.id, messages: offsets[0]?.high, item: Item?.n?.N };
}

const WRITTEN = { row: 42, messages: '2', item: '7' };

function kafkaClient(addresses: ServerAddresses): Kafka {
  return new Kafka({ brokers: [addresses.kafkaBrokers], logLevel: logLevel.NOTHING });
}

function dynamodbClient(addresses: ServerAddresses): DynamoDBClient {
  const { dynamodbEndpoint: endpoint, region } = addresses;
  const accessKeyId = addresses.dynamodbAccessKeyId;
  return new DynamoDBClient({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey: addresses.dynamodbSecretAccessKey },
  });
}

async function probeAll(addresses: ServerAddresses): Promise<void> {
  await Promise.all([
    probeKafka(addresses.kafkaBrokers),
    probeMysql(addresses.mysql),
    probeDynamodb(addresses),
  ]);
}

/** The local addresses, in the kernel's hexadecimal, on which a process listens. */
function listeningAddresses(pid: number): string[] {
  const sockets = readdirSync(`/proc/${pid}/fd`).map((fd) => {
    try {
      return readlinkSync(`/proc/${pid}/fd/${fd}`);
    } catch {
      return '';
    }
  });
  const lines = ['tcp', 'tcp6'].flatMap((table) =>
    readFileSync(`/proc/${pid}/net/${table}`, 'utf8').split('\n'),
  );
  return lines.flatMap((line) => {
    const [, local, , state, , , , , , inode] = line.trim().split(/\s+/);
    return state === '0A' && sockets.includes(`socket:[${inode}]`) ? [String(local).split(':')[0] ?? ''] : [];
  });
}

/** 127.0.0.1 as an IPv4 address and as one mapped into IPv6. */
const LOOPBACK = ['0100007F', '0000000000000000FFFF00000100007F'];

test(
  'a start after a killed parent stops its servers, disturbs no other clone and has the data',
  async () => {
    const [one, other] = await Promise.all([startInProcess('one'), startInProcess('other')]);
    await write(one.addresses);
    const working = await createConnection({ ...other.addresses.mysql });
    const [[server]] = await working.query<RowDataPacket[]>('SELECT VERSION() AS version');
    const engine = String(server?.version).includes('MariaDB') ? 'Aria' : 'MyISAM';
    await working.query(`CREATE TEMPORARY TABLE working (id INT) ENGINE = ${engine}`);
    const identities = one.processes.map(({ pid }) => identify(pid));
    expect(identities).not.toContain(null);

    one.parent.kill('SIGKILL');
    // Only the parent's exit is awaited: the start itself must wait for the servers to exit.
    await once(one.parent, 'exit');
    const again = await start('one');
    expect(identities.filter((identity) => identity !== null && isAlive(identity))).toEqual([]);
    expect(again.addresses).toEqual(one.addresses);
    expect(await read(again.addresses)).toEqual(WRITTEN);
    await probeAll(other.addresses);
    // A starting MariaDB removes all temporary tables in its folder, whichever server they belong to.
    await working.query('DROP TEMPORARY TABLE working');
    await working.end();

    const orphans = other.processes.map(({ pid }) => identify(pid));
    other.parent.kill('SIGKILL');
    while (orphans.some((orphan) => orphan !== null && isAlive(orphan))) await wait(20);
  },
  SERVER_STARTS_MS,
);

describe('running servers', () => {
  let running: RunningServers;
  beforeAll(async () => {
    running = await start('running');
    await write(running.addresses);
  }, SERVER_STARTS_MS);

  test.runIf(process.platform === 'linux')('running servers listen on the loopback interface only', () => {
    for (const { name, pid } of running.processes) {
      const addresses = listeningAddresses(pid);
      expect(addresses.length, name).toBeGreaterThan(0);
      for (const address of addresses) expect(LOOPBACK, name).toContain(address);
    }
  });

  test('MySQL admits nobody without the password, which no command line or readable file contains', async () => {
    const { host, port, user, password } = running.addresses.mysql;
    for (const login of [{ user: 'root' }, { user: 'root', password: '' }, { user }, { user: '' }]) {
      await expect(createConnection({ host, port, ...login })).rejects.toThrow('Access denied');
    }
    const shown = running.processes.map(({ pid }) => readFileSync(`/proc/${pid}/cmdline`, 'utf8')).join();
    expect(shown).not.toContain(password);
    for (const file of ['mysql/password', 'mysql/accounts.sql']) {
      expect(statSync(join(root, 'running', file)).mode & 0o077).toBe(0);
    }
  });

  test('a second start on the same data directory is rejected', async () => {
    await expect(start('running')).rejects.toThrow(`in use by process ${process.pid}`);
  });

  test(
    'each server can be restarted after a crash with its data and address',
    async () => {
      for (const server of running.servers.values()) await server.kill();
      expect(running.processes).toEqual([]);
      for (const server of running.servers.values()) await server.start();
      expect(await read(running.addresses)).toEqual(WRITTEN);
    },
    SERVER_STARTS_MS,
  );

  test('an unexpected crash of a server is reported', async () => {
    const mysql = running.processes.find(({ name }) => name === 'mysql');
    process.kill(mysql?.pid ?? 0, 'SIGKILL');
    expect((await running.failed).message).toMatch(/^MySQL exited unexpectedly \(signal SIGKILL\)/);
  });

  test(
    'a fresh start begins with empty servers',
    async () => {
      await running.stop();
      expect(running.processes).toEqual([]);
      running = await start('running', true);
      await expect(read(running.addresses)).rejects.toThrow("Table 'retail.kept' doesn't exist");
    },
    SERVER_STARTS_MS,
  );
});

test('an aborted start stops what it had started', async () => {
  const abort = new AbortController();
  const starting = startServers({
    dataDirectory: join(root, 'aborted'),
    mode: 'native',
    fresh: false,
    report: () => abort.abort(new Error('enough')),
    signal: abort.signal,
  });
  await expect(starting).rejects.toThrow('enough');
  const left = readdirSync(join(root, 'aborted')).filter((name) => name.endsWith('.process.json'));
  expect(left).toEqual([]);
});
