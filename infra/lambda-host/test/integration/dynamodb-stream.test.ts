import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateTableCommand,
  DeleteItemCommand,
  DescribeTableCommand,
  DynamoDBClient,
  PutItemCommand,
  waitUntilTableExists,
} from '@aws-sdk/client-dynamodb';
import { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBStreamEvent } from 'aws-lambda';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import {
  type RunningStreamSource,
  type StreamSourceOptions,
  startStreamSource,
} from '../../event-sources/dynamodb-stream.ts';
import { openShardReader } from '../../event-sources/shard-reader.ts';
import { listShards, streamPositionsSchema } from '../../event-sources/stream-positions.ts';
import { openCuttableProxy } from '../support/cuttable-proxy.ts';
import { eventually } from '../support/eventually.ts';
import { type MemoryLog, memoryLog } from '../support/memory-log.ts';
import '../support/servers.ts';
import { type RecordingFunction, recordingFunction } from '../support/recording-function.ts';

const { dynamodbEndpoint, region } = inject('hostServers');
const TABLE = 'simulation';

let directory: string;
let client: DynamoDBClient;
let streams: DynamoDBStreamsClient;
let log: MemoryLog;
let fixture: RecordingFunction<DynamoDBStreamEvent>;
let running: RunningStreamSource[];
let accessKeyId: string;

/** Each streamed table gets its own access key, and so its own database: two in one database slow each other down. */
const config = (endpoint = dynamodbEndpoint) => ({
  endpoint,
  region,
  credentials: { accessKeyId, secretAccessKey: 'local' },
  maxAttempts: 1,
});

beforeEach(async () => {
  accessKeyId = `stream${randomBytes(6).toString('hex')}`;
  directory = await mkdtemp(join(tmpdir(), 'stream-source-'));
  client = new DynamoDBClient(config());
  streams = new DynamoDBStreamsClient(config());
  log = memoryLog();
  fixture = recordingFunction();
  running = [];
  await createTable();
});

afterEach(async () => {
  fixture.failing = false;
  await Promise.all(running.map((source) => source.stop()));
  client.destroy();
  streams.destroy();
  await rm(directory, { recursive: true });
});

/** A table whose stream carries both images. */
async function createTable(): Promise<void> {
  await client.send(
    new CreateTableCommand({
      TableName: TABLE,
      BillingMode: 'PAY_PER_REQUEST',
      AttributeDefinitions: [
        { AttributeName: 'pk', AttributeType: 'S' },
        { AttributeName: 'sk', AttributeType: 'S' },
      ],
      KeySchema: [
        { AttributeName: 'pk', KeyType: 'HASH' },
        { AttributeName: 'sk', KeyType: 'RANGE' },
      ],
      StreamSpecification: { StreamEnabled: true, StreamViewType: 'NEW_AND_OLD_IMAGES' },
    }),
  );
  await waitUntilTableExists({ client, maxWaitTime: 60, minDelay: 0.05 }, { TableName: TABLE });
}

function start(options: Partial<StreamSourceOptions> = {}): RunningStreamSource {
  const source = startStreamSource({
    batchSize: 100,
    filters: [],
    table: TABLE,
    region,
    dynamodb: client,
    dynamodbStreams: streams,
    checkpointPath: join(directory, 'stream.json'),
    invoke: fixture.invoke,
    log,
    pollMs: { busy: 20, quiet: 20 },
    ...options,
  });
  running.push(source);
  return source;
}

async function put(from: number, to: number, sk = 'STATE'): Promise<void> {
  for (let i = from; i < to; i += 1) {
    const Item = { pk: { S: 'SIMULATION' }, sk: { S: sk }, n: { N: String(i) } };
    await client.send(new PutItemCommand({ TableName: TABLE, Item }));
  }
}

async function keptPosition(): Promise<string | undefined> {
  const { shards } = streamPositionsSchema.parse(
    JSON.parse(await readFile(join(directory, 'stream.json'), 'utf8')),
  );
  return Object.values(shards)[0]?.after;
}

async function lastSequenceNumber(): Promise<string | undefined> {
  const { Table } = await client.send(new DescribeTableCommand({ TableName: TABLE }));
  const streamArn = Table?.LatestStreamArn ?? '';
  const [shard] = await listShards(streams, streamArn);
  const reader = openShardReader(streams, streamArn, shard?.ShardId ?? '', undefined, () => undefined);
  return (await reader.read(1_000)).records.at(-1)?.dynamodb?.SequenceNumber;
}

const numbers = (events = fixture.events) =>
  events.flatMap(({ Records }) => Records.map(({ dynamodb }) => Number(dynamodb?.NewImage?.n?.N)));
const upTo = (end: number, from = 0) => Array.from({ length: end - from }, (_, i) => from + i);

test('stream records arrive in the shape that Lambda gives them', async () => {
  const Item = {
    pk: { S: 'SIMULATION' },
    sk: { S: 'STATE' },
    n: { N: '1' },
    b: { B: Buffer.from([255, 0]) },
    set: { SS: ['a'] },
    map: { M: { list: { L: [{ BOOL: true }, { NULL: true }] } } },
  };
  await client.send(new PutItemCommand({ TableName: TABLE, Item }));
  await put(2, 3);
  await client.send(
    new DeleteItemCommand({ TableName: TABLE, Key: { pk: { S: 'SIMULATION' }, sk: { S: 'STATE' } } }),
  );
  start();
  await eventually(() => expect(fixture.events.flatMap(({ Records }) => Records)).toHaveLength(3));
  const [inserted, modified, removed] = fixture.events.flatMap(({ Records }) => Records);
  const keys = { pk: { S: 'SIMULATION' }, sk: { S: 'STATE' } };
  const image = { ...Item, b: { B: '/wA=' } };
  expect(inserted).toEqual({
    eventID: expect.stringMatching(/^[0-9a-f-]{32,36}$/),
    eventName: 'INSERT',
    eventVersion: '1.1',
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ApproximateCreationDateTime: expect.any(Number),
      Keys: keys,
      NewImage: image,
      SequenceNumber: expect.stringMatching(/^\d+$/),
      SizeBytes: expect.any(Number),
      StreamViewType: 'NEW_AND_OLD_IMAGES',
    },
    eventSourceARN: expect.stringMatching(/^arn:aws:dynamodb:.*:table\/simulation\/stream\//),
  });
  const seconds = inserted?.dynamodb?.ApproximateCreationDateTime ?? 0;
  expect(Math.abs(Date.now() / 1000 - seconds)).toBeLessThan(120);
  expect(modified).toMatchObject({
    eventName: 'MODIFY',
    dynamodb: { OldImage: image, NewImage: { n: { N: '2' } } },
  });
  expect(removed).toMatchObject({ eventName: 'REMOVE', dynamodb: { OldImage: { n: { N: '2' } } } });
  expect(removed?.dynamodb).not.toHaveProperty('NewImage');
});

test('records written before the source started are delivered in order, in batches of the configured size', async () => {
  await put(0, 25);
  start({ batchSize: 10, filters: [] });
  await eventually(() => expect(numbers()).toHaveLength(25));
  expect(numbers()).toEqual(upTo(25));
  expect(Math.max(...fixture.events.map(({ Records }) => Records.length))).toBe(10);
});

test('a failed batch is redelivered until it succeeds, and no other overtakes it', async () => {
  fixture.failing = true;
  await put(0, 3);
  start({ batchSize: 2, filters: [] });
  await eventually(() => expect(fixture.refused.length).toBeGreaterThanOrEqual(3));
  expect(fixture.refused.every((event) => `${numbers([event])}` === '0,1')).toBe(true);
  fixture.failing = false;
  await eventually(() => expect(numbers()).toEqual([0, 1, 2]));
  expect(log.entries.map(({ level, message }) => `${level} ${message}`)).toEqual([
    'WARN The stream of table simulation is blocked because its function fails. Retrying until it succeeds.',
    expect.stringMatching(/^INFO The stream of table simulation works again after \d+ s\.$/),
  ]);
});

test('records that match no filter never reach the function and are not read again', async () => {
  const filters = [{ dynamodb: { Keys: { sk: { S: ['STATE'] } } } }];
  const first = start({ batchSize: 100, filters });
  await put(0, 1);
  await put(0, 5, 'PROGRESS');
  await put(1, 2);
  await put(0, 5, 'DAY#0000');
  await eventually(() => expect(numbers()).toEqual([0, 1]));
  await eventually(async () => expect(await keptPosition()).toBe(await lastSequenceNumber()));
  await first.stop();
  start();
  await put(2, 3);
  await eventually(() => expect(numbers()).toEqual([0, 1, 2]));
});

test('records that arrive one after the other are collected between two polls', async () => {
  let polls = 0;
  streams.middlewareStack.add((next) => (request) => {
    polls += 1;
    return next(request);
  });
  start({ pollMs: { busy: 500, quiet: 500 } });
  await put(0, 1);
  await eventually(() => expect(numbers()).toEqual([0]));
  const begun = performance.now();
  polls = 0;
  await put(1, 100);
  await eventually(() => expect(numbers()).toEqual(upTo(100)));
  expect(polls).toBeLessThanOrEqual((performance.now() - begun) / 500 + 1);
});

test('a restarted stream source continues where it stopped', async () => {
  const first = start();
  await put(0, 3);
  await eventually(() => expect(numbers()).toEqual(upTo(3)));
  await first.stop();
  await put(3, 6);
  start();
  await eventually(() => expect(numbers()).toHaveLength(6));
  expect(numbers()).toEqual(upTo(6));
});

test('a stopping source finishes its running batch, and a failed one is redelivered later', async () => {
  const gate = Promise.withResolvers<void>();
  fixture.gate = gate.promise;
  await put(0, 1);
  const first = start();
  await eventually(() => expect(fixture.begun).toBe(1));
  const stopped = first.stop();
  gate.resolve();
  await stopped;
  fixture.failing = true;
  const second = start();
  await put(1, 2);
  await eventually(() => expect(fixture.refused.length).toBeGreaterThan(0));
  await second.stop();
  fixture.failing = false;
  start();
  await eventually(() => expect(numbers()).toEqual([0, 1]));
});

test('a lost or unreadable position file causes redelivery, not loss', async () => {
  const first = start();
  await put(0, 3);
  await eventually(() => expect(numbers()).toEqual(upTo(3)));
  await first.stop();
  await writeFile(join(directory, 'stream.json'), '{"half":');
  start();
  await eventually(() => expect(numbers()).toEqual([0, 1, 2, 0, 1, 2]));
});

test('a source whose position the stream no longer knows starts at the oldest record and logs it', async () => {
  const first = start();
  await put(0, 2);
  await eventually(() => expect(numbers()).toEqual(upTo(2)));
  await first.stop();
  const path = join(directory, 'stream.json');
  const positions = JSON.parse(await readFile(path, 'utf8'));
  for (const shard of Object.keys(positions.shards)) {
    positions.shards[shard] = { after: 'nonsense', finished: false };
  }
  await writeFile(path, JSON.stringify(positions));
  start();
  await eventually(() => expect(numbers()).toEqual([0, 1, 0, 1]));
  expect(log.entries.map(({ message }) => message)).toEqual([
    'Records of table simulation expired before they were read; reading continues with the oldest that is left.',
  ]);
});

test('a source survives an outage of DynamoDB without losing records', async () => {
  const { hostname, port } = new URL(dynamodbEndpoint);
  const proxy = await openCuttableProxy(hostname, Number(port));
  const endpoint = `http://127.0.0.1:${proxy.port}`;
  const through = new DynamoDBStreamsClient(config(endpoint));
  start({ dynamodb: new DynamoDBClient(config(endpoint)), dynamodbStreams: through });
  await put(0, 2);
  await eventually(() => expect(numbers()).toEqual(upTo(2)));
  proxy.cut();
  await put(2, 4);
  await eventually(() => expect(log.entries).toHaveLength(1));
  proxy.restore();
  await eventually(() => expect(numbers()).toEqual(upTo(4)));
  await eventually(() => expect(log.entries.map(({ level }) => level)).toEqual(['WARN', 'INFO']));
  await running[0]?.stop();
  await proxy.close();
});

test('a stream source that is woken polls at once', async () => {
  const source = start({ pollMs: { busy: 600_000, quiet: 600_000 } });
  await put(0, 1);
  await eventually(() => {
    source.wake();
    expect(numbers()).toEqual([0]);
  });
  await put(1, 2);
  source.wake();
  await eventually(() => expect(numbers()).toEqual([0, 1]));
});
