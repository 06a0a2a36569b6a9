/** The broker of the `hobby` stage: a real Kafka with its settings, prepared by the script that its machine runs. */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Kafka, logLevel } from 'kafkajs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  BROKER_JVM_OPTIONS,
  type BrokerPorts,
  serverProperties,
} from '../../../../infra/aws/broker/user-data.ts';
import { requireJava } from '../../../../infra/local/servers/java.ts';
import { kafkaPackage, packageFolder } from '../../../../infra/local/servers/packages.ts';
import { type ReservedPorts, reservePorts } from '../../../../infra/local/servers/ports.ts';
import { kafkaClient } from '../../../../shared/kafka/client.ts';
import { openBatchProducer } from '../../../../shared/kafka/producer.ts';
import { createLogger } from '../../../../shared/observability/logger.ts';
import { kafkaSettings } from '../../../../shared/settings.ts';
import { eventually } from '../../../support/eventually.ts';

const run = promisify(execFile);
const SETUP = path.resolve('infra/aws/broker/setup.sh');
const PASSWORD = 'correct-password';

let folder: string;
let ports: BrokerPorts;
let reserved: ReservedPorts<keyof BrokerPorts>;
let broker: ChildProcess;
let environment: NodeJS.ProcessEnv;

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'broker-'));
  reserved = await reservePorts(path.join(folder, 'ports.json'), [
    'functions',
    'pollers',
    'local',
    'controller',
  ]);
  ports = reserved.ports;
  const properties = path.join(folder, 'server.properties');
  const files = { data: path.join(folder, 'log'), keyStore: path.join(folder, 'tls/key-store.pem') };
  await writeFile(properties, serverProperties({ host: 'localhost', bind: '127.0.0.1', ports }, files));
  await writeAws();
  const { path: java } = await requireJava(() => {}, new AbortController().signal);
  await symlink(java, path.join(folder, 'java'));
  environment = {
    PATH: `${folder}:${process.env.PATH}`,
    data: folder,
    libs: packageFolder(kafkaPackage),
    properties,
    JVM_OPTIONS: BROKER_JVM_OPTIONS.join(' '),
    HOST: 'localhost',
    REGION: 'us-east-1',
    CA_SECRET: 'authority',
    SCRAM_SECRET: 'password',
  };
  await setUp('certificate', 'format');
  broker = spawn('java', [...BROKER_JVM_OPTIONS, '-cp', `${environment.libs}/*`, 'kafka.Kafka', properties], {
    env: environment,
    stdio: 'ignore',
  });
  await createTopic();
});

afterAll(async () => {
  if (broker?.exitCode === null) {
    broker.kill('SIGKILL');
    await once(broker, 'exit');
  }
  reserved?.release();
  await rm(folder, { recursive: true, force: true });
});

/** A command `aws` that knows the password, and keeps what is put into a secret. */
async function writeAws(): Promise<void> {
  const file = path.join(folder, 'aws');
  const secret = JSON.stringify({ username: 'retail', password: PASSWORD });
  await writeFile(
    file,
    `#!/bin/bash
case "$2" in
  get-secret-value) echo '${secret}' ;;
  put-secret-value) echo "\${@: -1}" > '${folder}/authority.json'; echo put >> '${folder}/puts' ;;
esac
`,
  );
  await chmod(file, 0o755);
}

/** As the script does, whose command for it isn't among the local servers' jars. */
async function createTopic(): Promise<void> {
  const brokers = [`127.0.0.1:${ports.local}`];
  const local = new Kafka({ brokers, connectionTimeout: 30_000, logLevel: logLevel.NOTHING });
  const admin = local.admin();
  await eventually(() => admin.connect(), 180);
  await admin.createTopics({ topics: [{ topic: 'sales-events', numPartitions: 6 }] });
  await admin.disconnect();
}

/** Runs functions of the script that sets the machine up. */
async function setUp(...steps: string[]): Promise<void> {
  await run('bash', ['-c', `source ${SETUP}; ${steps.join('; ')}`], { env: environment });
}

function client(changes: Record<string, string> = {}): Kafka {
  const settings = kafkaSettings.parse({
    KAFKA_BROKERS: `localhost:${ports.functions}`,
    KAFKA_TOPIC: 'sales-events',
    KAFKA_CONSUMER_GROUP: 'group',
    KAFKA_AUTH: 'scram',
    KAFKA_USER: 'retail',
    KAFKA_PASSWORD: PASSWORD,
    ...changes,
  });
  return kafkaClient(settings, 'test', createLogger('test'));
}

async function connects(kafka: Kafka): Promise<string> {
  const admin = kafka.admin({ retry: { retries: 0 } });
  try {
    await admin.connect();
    return (await admin.listTopics()).join();
  } finally {
    await admin.disconnect();
  }
}

async function authority(): Promise<string> {
  return JSON.parse(await readFile(path.join(folder, 'authority.json'), 'utf8')).certificate;
}

/** As Lambda's pollers connect. */
function poller(ssl: boolean | { ca: string[] }): Kafka {
  return new Kafka({
    brokers: [`localhost:${ports.pollers}`],
    ssl,
    sasl: { mechanism: 'scram-sha-512', username: 'retail', password: PASSWORD },
    logLevel: logLevel.NOTHING,
    // kafkajs gives up after a second, which a busy machine may need.
    connectionTimeout: 30_000,
    retry: { retries: 0 },
  });
}

describe('functions at the broker', () => {
  it('functions send and receive by name and password', async () => {
    const producer = openBatchProducer(client(), 20_000);
    const sent = ['a', 'b', 'c'];
    await producer.send(
      'sales-events',
      sent.map((value) => ({ key: 'key', value })),
    );
    await producer.close();
    const consumer = client().consumer({ groupId: 'sales-consumer' });
    const received: (string | undefined)[] = [];
    await consumer.connect();
    await consumer.subscribe({ topic: 'sales-events', fromBeginning: true });
    await consumer.run({ eachMessage: async ({ message }) => void received.push(message.value?.toString()) });
    await eventually(() => expect(received).toEqual(sent));
    await consumer.disconnect();
  });

  it('a wrong password is refused', async () => {
    await expect(connects(client({ KAFKA_PASSWORD: 'wrong' }))).rejects.toThrow(/authentication/i);
  });

  it('a client without a password is refused', async () => {
    await expect(connects(client({ KAFKA_AUTH: 'none' }))).rejects.toThrow();
  });

  it('a missing password is reported by the name of its variable', () => {
    const { KAFKA_PASSWORD, ...settings } = kafkaSettings.parse({
      KAFKA_BROKERS: 'localhost:1',
      KAFKA_TOPIC: 'topic',
      KAFKA_CONSUMER_GROUP: 'group',
      KAFKA_AUTH: 'scram',
      KAFKA_USER: 'retail',
    });
    expect(KAFKA_PASSWORD).toBeUndefined();
    expect(() => kafkaClient(settings, 'test', createLogger('test'))).toThrow(/KAFKA_PASSWORD/);
  });
});

describe("Lambda's pollers at the broker", () => {
  it('pollers connect over TLS if they trust the authority in the secret', async () => {
    expect(await connects(poller({ ca: [await authority()] }))).toContain('sales-events');
  });

  it('pollers that trust public authorities alone refuse the broker', async () => {
    await expect(connects(poller(true))).rejects.toThrow(/self-signed certificate/);
  });
});

describe('the setup of the broker', () => {
  it('a repeated setup keeps certificate and data', async () => {
    const before = await authority();
    await setUp('certificate', 'format');
    expect(await authority()).toBe(before);
    expect(await readFile(path.join(folder, 'puts'), 'utf8')).toBe('put\n');
  });

  it('the broker fits into half a GB', async ({ skip }) => {
    if (process.platform !== 'linux') return skip('Linux reports memory in /proc');
    const status = await readFile(`/proc/${broker.pid}/status`, 'utf8');
    const megabytes = Number(/^VmRSS:\s+(\d+)/m.exec(status)?.[1]) / 1024;
    expect(megabytes).toBeLessThan(350);
  });
});
