import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { LambdaHost } from '../../../../infra/lambda-host/host.ts';
import { fixtureRoot } from '../../../../infra/lambda-host/test/support/fixture-functions.ts';
import { memoryLog } from '../../../../infra/lambda-host/test/support/memory-log.ts';
import { startHost } from '../../../../infra/local/host.ts';
import type { ServerName } from '../../../../infra/local/servers/addresses.ts';
import type { RunningServers } from '../../../../infra/local/servers/managed-server.ts';
import { startServers } from '../../../../infra/local/servers/start.ts';
import { kafkaClient } from '../../../../shared/kafka/client.ts';
import { openBatchProducer } from '../../../../shared/kafka/producer.ts';
import { createLogger } from '../../../../shared/observability/logger.ts';
import { eventually } from '../../../support/eventually.ts';
import { fixtureSystem } from '../../../support/fixture-system.ts';
import { ownNames } from '../../../support/names.ts';

// Event sources against servers that crash and restart. The servers belong to this suite alone.

/** Servers are started several times. */
const WITHIN_MS = 300_000;

const log = memoryLog();
const names = ownNames();
let directory: string;
let servers: RunningServers;
let host: LambdaHost;

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'outage-'));
  servers = await startServers({
    dataDirectory: join(directory, 'servers'),
    mode: 'native',
    fresh: true,
    report: () => undefined,
  });
  host = await startHost({
    addresses: servers.addresses,
    names,
    port: 0,
    stateDirectory: join(directory, 'positions'),
    pageDirectory: directory,
    log,
    apiToken: '',
    logLevel: 'INFO',
    system: fixtureSystem,
    root: fixtureRoot,
  });
  host.open();
}, WITHIN_MS);

afterAll(async () => {
  await host?.stop(0);
  await servers?.stop();
  await rm(directory, { recursive: true, force: true });
});

async function crashAndReturn(name: ServerName, meanwhile: () => Promise<void>): Promise<void> {
  const server = servers.servers.get(name);
  if (!server) throw new Error(`There is no server ${name}.`);
  await server.kill();
  // Whatever fails meanwhile, the tests that follow need the server.
  await meanwhile().finally(() => server.start());
}

async function produce(value: string): Promise<void> {
  const settings = {
    KAFKA_BROKERS: servers.addresses.kafkaBrokers.split(','),
    KAFKA_TOPIC: names.topic,
    KAFKA_CONSUMER_GROUP: names.consumerGroup,
  };
  const producer = openBatchProducer(kafkaClient(settings, 'test', createLogger('test')), 60_000);
  await producer.send(names.topic, [{ key: value, value }]);
  await producer.close();
}

const eventsOf = (name: string) =>
  log.lines.filter(({ functionName }) => functionName === name).map(({ line }) => JSON.parse(line));
const streamed = () =>
  eventsOf('stream-reader').flatMap(({ Records }) =>
    Records.map((record: { dynamodb: { NewImage: { n: { N: string } } } }) => record.dynamodb.NewImage.n.N),
  );
const consumed = () =>
  eventsOf('topic-reader')
    .flatMap(({ records }) => Object.values<{ value: string }[]>(records).flat())
    .map(({ value }) => Buffer.from(value, 'base64').toString());
const warnings = () => log.entries.filter(({ level }) => level === 'WARN').map(({ message }) => message);
const write = async (n: number) => expect((await host.invoke('writer', { sk: 'STATE', n })).error).toBeNull();

test(
  'a stream source survives a crash of DynamoDB without losing records',
  async () => {
    await write(1);
    await eventually(() => expect(streamed()).toEqual(['1']));
    await crashAndReturn('dynamodb', () =>
      eventually(() =>
        expect(warnings()).toContainEqual(expect.stringMatching(/^The stream of table .* can't/)),
      ),
    );
    await write(2);
    await eventually(() => expect(streamed()).toEqual(['1', '2']));
  },
  WITHIN_MS,
);

test(
  'a topic source survives a crash of Kafka without losing records',
  async () => {
    await produce('one');
    await eventually(() => expect(consumed()).toEqual(['one']));
    await crashAndReturn('kafka', () =>
      eventually(() => expect(warnings()).toContainEqual(expect.stringMatching(/does not reach Kafka/))),
    );
    await produce('two');
    await eventually(() => expect(new Set(consumed())).toEqual(new Set(['one', 'two'])));
    await eventually(() => expect(log.entries.at(-1)?.message).toMatch(/works again/));
  },
  WITHIN_MS,
);
