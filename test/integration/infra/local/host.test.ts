import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DescribeTableCommand, DescribeTimeToLiveCommand, DynamoDBClient } from '@aws-sdk/client-dynamodb';
import { InvokeCommand, LambdaClient } from '@aws-sdk/client-lambda';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import type { LambdaHost } from '../../../../infra/lambda-host/host.ts';
import { fixtureRoot } from '../../../../infra/lambda-host/test/support/fixture-functions.ts';
import { type MemoryLog, memoryLog } from '../../../../infra/lambda-host/test/support/memory-log.ts';
import { startHost } from '../../../../infra/local/host.ts';
import type { SystemDescription } from '../../../../infra/system-description.ts';
import { kafkaClient } from '../../../../shared/kafka/client.ts';
import { openBatchProducer } from '../../../../shared/kafka/producer.ts';
import { createLogger } from '../../../../shared/observability/logger.ts';
import { eventually } from '../../../support/eventually.ts';
import { fixtureSystem } from '../../../support/fixture-system.ts';
import { ownAddresses, ownNames } from '../../../support/names.ts';

let directory: string;
let log: MemoryLog;
let names: ReturnType<typeof ownNames>;
let addresses: ReturnType<typeof ownAddresses>;
let hosts: LambdaHost[];

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'host-'));
  log = memoryLog();
  names = ownNames();
  addresses = ownAddresses(inject('servers'));
  hosts = [];
});

afterEach(async () => {
  await Promise.all(hosts.map((host) => host.stop(0)));
  await rm(directory, { recursive: true });
});

async function start(system: SystemDescription = fixtureSystem, port = 0): Promise<LambdaHost> {
  const host = await startHost({
    addresses,
    names,
    port,
    stateDirectory: directory,
    pageDirectory: directory,
    log,
    apiToken: '',
    logLevel: 'INFO',
    system,
    root: fixtureRoot,
  });
  hosts.push(host);
  return host;
}

/** The events of a function's invocations, as it printed them. */
const eventsOf = (name: string) =>
  log.lines.filter(({ functionName }) => functionName === name).map(({ line }) => JSON.parse(line));

async function produce(values: readonly string[]): Promise<void> {
  const settings = {
    KAFKA_BROKERS: addresses.kafkaBrokers.split(','),
    KAFKA_TOPIC: names.topic,
    KAFKA_CONSUMER_GROUP: names.consumerGroup,
  };
  const producer = openBatchProducer(kafkaClient(settings, 'test', createLogger('test')), 60_000);
  await producer.send(
    names.topic,
    values.map((value) => ({ key: value, value })),
  );
  await producer.close();
}

test('a host creates the stores like the stacks, and reuses them at the next start', async () => {
  await (await start()).stop();
  await start();
  const client = new DynamoDBClient({
    endpoint: addresses.dynamodbEndpoint,
    region: addresses.region,
    credentials: { accessKeyId: addresses.dynamodbAccessKeyId, secretAccessKey: 'local' },
  });
  const { Table } = await client.send(new DescribeTableCommand({ TableName: names.table }));
  expect(Table).toMatchObject({
    KeySchema: [
      { AttributeName: 'pk', KeyType: 'HASH' },
      { AttributeName: 'sk', KeyType: 'RANGE' },
    ],
    StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    BillingModeSummary: { BillingMode: 'PAY_PER_REQUEST' },
  });
  const { TimeToLiveDescription } = await client.send(
    new DescribeTimeToLiveCommand({ TableName: names.table }),
  );
  expect(TimeToLiveDescription).toMatchObject({ TimeToLiveStatus: 'ENABLED', AttributeName: 'expires_at' });
  client.destroy();
});

test('a host that is not open yet only runs invocations: it consumes nothing and answers no requests', async () => {
  const host = await start();
  expect((await host.invoke('writer', { sk: 'STATE', n: 1 })).error).toBeNull();
  await produce(['early']);
  const refused = await fetch(`${host.url}/health`);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(log.lines).toEqual([]);
  host.open();
  await eventually(() => {
    expect(eventsOf('stream-reader')).toHaveLength(1);
    expect(eventsOf('topic-reader')).toHaveLength(1);
  });
  expect((await fetch(`${host.url}/health`)).status).toBe(200);
});

test('a host answers routes, the function URL and Invoke', async () => {
  const host = await start();
  host.open();
  expect(await (await fetch(`${host.url}/health`)).json()).toMatchObject({ routeKey: 'GET /health' });
  expect(await (await fetch(`${host.url}/stream`)).json()).toMatchObject({ routeKey: '$default' });
  expect(await (await fetch(`${host.url}/stream/x?text=streamed`)).text()).toBe('streamed');
  const credentials = { accessKeyId: 'key', secretAccessKey: 'secret' };
  const lambda = new LambdaClient({ endpoint: host.lambdaEndpoint, region: addresses.region, credentials });
  const payload = Buffer.from('{"by":"Invoke"}');
  await lambda.send(new InvokeCommand({ FunctionName: 'topic-reader', Payload: payload }));
  await eventually(() => expect(eventsOf('topic-reader')).toContainEqual({ by: 'Invoke' }));
  lambda.destroy();
});

test('a host notifies the streaming function of writes to the table, after invocations and after messages', async () => {
  const host = await start();
  host.open();
  const response = await fetch(`${host.url}/stream/x?do=tell+of+writes`);
  const told = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  expect(await told?.read()).toMatchObject({ value: 'here' });
  // Its record goes to a function of the stream, whose writes aren't announced.
  await host.invoke('writer', { sk: 'STATE', n: 1 });
  expect(await told?.read()).toMatchObject({ value: 'written' });
  await eventually(() => expect(eventsOf('stream-reader')).toHaveLength(1));
  await produce(['message']);
  expect(await told?.read()).toMatchObject({ value: 'written' });
  // A worker's output takes another path than its response.
  await eventually(() => expect(eventsOf('topic-reader')).toHaveLength(1));
});

test('a host invokes a scheduled function at its start, with the event of EventBridge', async () => {
  const host = await start();
  host.open();
  await eventually(() => expect(eventsOf('janitor')).toHaveLength(1));
  expect(eventsOf('janitor')[0]).toEqual({
    version: '0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    'detail-type': 'Scheduled Event',
    source: 'aws.events',
    account: '000000000000',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    region: addresses.region,
    resources: [`arn:aws:events:${addresses.region}:000000000000:rule/janitor`],
    detail: {},
  });
});

test('a restarted host continues where it stopped', async () => {
  const first = await start();
  first.open();
  await first.invoke('writer', { sk: 'STATE', n: 1 });
  await produce(['one']);
  await eventually(() => {
    expect(eventsOf('stream-reader')).toHaveLength(1);
    expect(eventsOf('topic-reader')).toHaveLength(1);
  });
  await first.stop();
  const second = await start();
  await second.invoke('writer', { sk: 'STATE', n: 2 });
  await produce(['two']);
  second.open();
  await eventually(() => {
    expect(eventsOf('stream-reader')).toHaveLength(2);
    expect(eventsOf('topic-reader')).toHaveLength(2);
  });
  expect(eventsOf('stream-reader')[1].Records[0].dynamodb.NewImage.n).toEqual({ N: '2' });
});

test('a stopping host lets open streams end and then answers no more requests', async () => {
  const host = await start();
  host.open();
  const stream = await fetch(`${host.url}/stream/x?do=stay`);
  const text = stream.text();
  await host.stop(60_000);
  expect(await text).toBe('heregoodbye');
  await expect(fetch(`${host.url}/health`)).rejects.toThrow();
});

test('a stopping host ends streams that their function does not end', async () => {
  const host = await start();
  host.open();
  const response = await fetch(`${host.url}/stream/x?do=flood&bytes=1e12`);
  const stopped = host.stop(200);
  const body = response.body?.getReader();
  while (!(await body?.read())?.done);
  await stopped;
});

test('a host whose port is taken fails at once', async () => {
  const host = await start();
  const { port } = new URL(host.url);
  await expect(start(fixtureSystem, Number(port))).rejects.toMatchObject({ code: 'EADDRINUSE' });
});

test('a host rejects a filter that AWS would never match', async () => {
  const stream = {
    ...fixtureSystem.eventSources.stream,
    filters: [{ dynamodb: { NewImage: { n: { N: [1] } } } }],
  };
  const system = { ...fixtureSystem, eventSources: { ...fixtureSystem.eventSources, stream } };
  await expect(start(system)).rejects.toThrow(/at dynamodb\.NewImage\.n\.N/);
});
