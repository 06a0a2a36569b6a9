import { randomBytes } from 'node:crypto';
import { type Admin, ConfigResourceTypes, Kafka, logLevel, type Message, Partitioners } from 'kafkajs';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { type KafkaSourceOptions, startKafkaSource } from '../../event-sources/kafka.ts';
import type { KafkaEvent } from '../../event-sources/kafka-records.ts';
import { eventually } from '../support/eventually.ts';
import { sendCompressed, sendUndecodable } from '../support/foreign-batches.ts';
import { type MemoryLog, memoryLog } from '../support/memory-log.ts';
import '../support/servers.ts';
import { type RecordingFunction, recordingFunction } from '../support/recording-function.ts';

const { kafkaBrokers: brokers, region } = inject('hostServers');
const PARTITIONS = 3;

let topic: string;
let group: string;
let fixture: RecordingFunction<KafkaEvent>;
let log: MemoryLog;
let running: { stop(): Promise<void> }[];

const kafka = () =>
  new Kafka({
    clientId: 'test',
    brokers: brokers.split(','),
    requestTimeout: 10_000,
    retry: { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 },
    logLevel: logLevel.NOTHING,
  });

/** Runs a task with an admin client of its own. */
async function withAdmin<Result>(task: (admin: Admin) => Promise<Result>): Promise<Result> {
  const admin = kafka().admin();
  await admin.connect();
  try {
    return await task(admin);
  } finally {
    await admin.disconnect();
  }
}

beforeEach(async () => {
  topic = `topic-${randomBytes(6).toString('hex')}`;
  group = `group-${randomBytes(6).toString('hex')}`;
  fixture = recordingFunction();
  log = memoryLog();
  running = [];
  await createTopic();
});

afterEach(async () => {
  fixture.failing = false;
  await Promise.all(running.map((source) => source.stop()));
});

function start(options: Partial<KafkaSourceOptions> = {}) {
  const source = startKafkaSource({
    batchSize: 100,
    kafka: kafka(),
    topic,
    consumerGroup: group,
    brokers,
    region,
    invoke: fixture.invoke,
    log,
    ...options,
  });
  running.push(source);
  return source;
}

/** Resolves when all partitions have leaders that know of it: a broker tells clients of a new topic before it serves it. */
async function createTopic(): Promise<void> {
  await withAdmin(async (admin) => {
    await admin.createTopics({ waitForLeaders: false, topics: [{ topic, numPartitions: PARTITIONS }] });
    await eventually(async () => {
      const { topics } = await admin.fetchTopicMetadata({ topics: [topic] });
      const led = topics[0]?.partitions.filter(({ leader }) => leader >= 0);
      expect(led).toHaveLength(PARTITIONS);
      expect(await admin.fetchTopicOffsets(topic)).toHaveLength(PARTITIONS);
    });
  });
}

/**
 * Idempotent, so that a repeated request writes nothing twice. Each message needs a key or a partition: kafkajs gives one that
 * has neither to another partition when it repeats a request, and the broker then refuses the partitions' sequence numbers.
 */
async function produce(messages: Message[]): Promise<void> {
  const producer = kafka().producer({ idempotent: true, createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  await producer.send({ topic, messages });
  await producer.disconnect();
}

/** Messages of ten keys, numbered. */
const numbered = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, i) => ({ key: `key${(from + i) % 10}`, value: String(from + i) }));

const recordsOf = (events: readonly KafkaEvent[]) =>
  events.flatMap(({ records }) => Object.values(records).flat());
const text = (base64: string | undefined) => Buffer.from(base64 ?? '', 'base64').toString();
const values = (events = fixture.events) => recordsOf(events).map(({ value }) => Number(text(value)));
const ascending = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
const upTo = (end: number) => Array.from({ length: end }, (_, i) => i);
/** Records that the group has not committed yet. */
const lag = () =>
  withAdmin(async (admin) => {
    const ends = await admin.fetchTopicOffsets(topic);
    const [committed] = await admin.fetchOffsets({ groupId: group, topics: [topic] });
    return ends.reduce((sum, { partition, low, high }) => {
      const offset = Number(committed?.partitions.find((one) => one.partition === partition)?.offset ?? -1);
      return sum + Number(high) - (offset < 0 ? Number(low) : offset);
    }, 0);
  });

/** Expects consecutive offsets in each partition. */
function expectOrder(events = fixture.events): void {
  const next = new Map<number, number>();
  for (const { partition, offset } of recordsOf(events)) {
    expect(offset).toBe(next.get(partition) ?? 0);
    next.set(partition, offset + 1);
  }
}

describe('records of a topic', () => {
  test('Kafka records arrive in the shape that Lambda gives them', async () => {
    await produce([{ key: 'S001_P0001', value: '{"ü":1}', headers: { traceparent: '00-ë', a: 'b' } }]);
    start();
    await eventually(() => expect(fixture.events).toHaveLength(1));
    const [record] = recordsOf(fixture.events);
    expect(fixture.events[0]).toEqual({
      eventSource: 'aws:kafka',
      eventSourceArn: expect.stringMatching(/^arn:aws:kafka:[\w-]+:\d{12}:cluster\//),
      bootstrapServers: brokers,
      records: {
        [`${topic}-${record?.partition}`]: [
          {
            topic,
            partition: record?.partition,
            offset: 0,
            timestamp: expect.any(Number),
            timestampType: 'CREATE_TIME',
            key: Buffer.from('S001_P0001').toString('base64'),
            value: Buffer.from('{"ü":1}').toString('base64'),
            headers: [{ traceparent: [48, 48, 45, -61, -85] }, { a: [98] }],
          },
        ],
      },
    });
    expect(Math.abs(Date.now() - (record?.timestamp ?? 0))).toBeLessThan(120_000);
  });

  test('a record without a key or a value omits the field', async () => {
    await produce([
      { key: 'tombstone', value: null },
      { key: null, value: 'no key', partition: 0 },
      { key: '', value: '' },
    ]);
    start();
    // By position: until the group is stable, a record may be delivered again.
    const byPosition = () =>
      new Map(recordsOf(fixture.events).map((record) => [`${record.partition}/${record.offset}`, record]));
    await eventually(() => expect(byPosition().size).toBe(3));
    const seen = [...byPosition().values()].map(({ key, value }) => ({ key, value }));
    expect(seen).toContainEqual({ key: Buffer.from('tombstone').toString('base64'), value: undefined });
    expect(seen).toContainEqual({ key: undefined, value: Buffer.from('no key').toString('base64') });
    expect(seen).toContainEqual({ key: '', value: '' });
  });

  test('a batch collects records of all partitions, up to its size and in order within each', async () => {
    await produce(numbered(0, 250));
    start();
    await eventually(() => expect(values()).toHaveLength(250));
    expect(ascending(values())).toEqual(upTo(250));
    expectOrder();
    // On a stalled machine the first batch may contain only some of the partitions.
    expect(Math.max(...fixture.events.map((event) => recordsOf([event]).length))).toBe(100);
    expect(Math.max(...fixture.events.map(({ records }) => Object.keys(records).length))).toBe(PARTITIONS);
  });

  test('records that arrive during an invocation are collected for the next', async () => {
    const gate = Promise.withResolvers<void>();
    fixture.gate = gate.promise;
    start();
    await produce(numbered(0, 1));
    await eventually(() => expect(fixture.begun).toBe(1));
    for (let i = 1; i < 6; i += 1) await produce(numbered(i, i + 1));
    gate.resolve();
    await eventually(() => expect(ascending(values())).toEqual(upTo(6)));
    expect(fixture.begun).toBeLessThan(6);
    expectOrder();
  });
});

/** A topic whose batches the broker itself compresses, as Java's producers do. */
async function compressTopic(codec: string): Promise<void> {
  const configEntries = [{ name: 'compression.type', value: codec }];
  const resources = [{ type: ConfigResourceTypes.TOPIC, name: topic, configEntries }];
  await withAdmin((admin) => admin.alterConfigs({ validateOnly: false, resources }));
}

describe('compressed batches', () => {
  test.each(['gzip', 'snappy', 'lz4', 'zstd'])('a batch compressed with %s is decoded', async (codec) => {
    await compressTopic(codec);
    await produce(numbered(0, 200));
    start();
    await eventually(() => expect(ascending(values())).toEqual(upTo(200)));
    expectOrder();
    await eventually(async () => expect(await lag()).toBe(0));
  });
});

/** The reasons of records that stand for offsets of undecodable batches, by `partition-offset`. */
const undecodable = (events = fixture.events) =>
  recordsOf(events).flatMap(({ partition, offset, headers }) =>
    headers.flatMap(({ undecodable: reason }) =>
      reason ? [[`${partition}-${offset}`, Buffer.from(reason).toString()]] : [],
    ),
  );
const decodable = () =>
  values(fixture.events.map(({ records, ...event }) => ({ ...event, records: withoutUndecodable(records) })));
const withoutUndecodable = (records: KafkaEvent['records']) =>
  Object.fromEntries(
    Object.entries(records).map(([name, list]) => [
      name,
      list.filter(({ headers }) => !headers.some((header) => 'undecodable' in header)),
    ]),
  );

describe('batches that cannot be decoded', () => {
  const inPartition = (partition: number, from: number, to: number) =>
    numbered(from, to).map((message) => ({ ...message, partition }));

  test('an undecodable batch is handed over offset by offset, and the batches around it as they are', async () => {
    await sendCompressed(kafka(), topic, 'zstd', inPartition(1, 0, 5));
    await sendUndecodable(kafka(), topic, inPartition(1, 5, 8));
    await sendCompressed(kafka(), topic, 'snappy', inPartition(1, 8, 12));
    start();
    await eventually(() => expect(recordsOf(fixture.events)).toHaveLength(12));
    expectOrder();
    expect(decodable()).toEqual([0, 1, 2, 3, 4, 8, 9, 10, 11]);
    expect(undecodable().map(([place]) => place)).toEqual(['1-5', '1-6', '1-7']);
    expect(new Set(undecodable().map(([, reason]) => reason))).toEqual(
      new Set([expect.stringMatching(/^it can't be decompressed: /)]),
    );
    await eventually(async () => expect(await lag()).toBe(0));
    const errors = log.entries.filter(({ level }) => level === 'ERROR');
    expect(errors).toMatchObject([
      {
        message: `A batch of topic ${topic} can't be decoded: it is handed over as undecodable.`,
        fields: { partition: 1, firstOffset: 5, lastOffset: 7 },
      },
    ]);
  });

  test('the first record of an undecodable batch has the bytes of the batch', async () => {
    await sendUndecodable(kafka(), topic, inPartition(0, 0, 2));
    start();
    await eventually(() => expect(recordsOf(fixture.events)).toHaveLength(2));
    const [first, second] = recordsOf(fixture.events);
    const bytes = Buffer.from(first?.value ?? '', 'base64');
    expect(bytes.subarray(0, 12)).toEqual(Buffer.concat([Buffer.alloc(8), int32(bytes.length - 12)]));
    expect(second).not.toHaveProperty('value');
  });

  test('undecodable batches in every partition stop neither the others nor later messages', async () => {
    start();
    for (let round = 0; round < 3; round += 1) {
      await sendUndecodable(
        kafka(),
        topic,
        [0, 1, 2].flatMap((partition) => inPartition(partition, 0, 2)),
      );
      await produce(numbered(round * 30, round * 30 + 30));
    }
    await eventually(() => expect(undecodable()).toHaveLength(18));
    await eventually(() => expect(ascending(decodable())).toEqual(upTo(90)));
    expectOrder();
    await eventually(async () => expect(await lag()).toBe(0));
  });

  test('other partitions continue while the function refuses what stands for an undecodable batch', async () => {
    await sendUndecodable(kafka(), topic, inPartition(0, 0, 2));
    fixture.failing = true;
    start();
    await eventually(() => expect(fixture.refused.length).toBeGreaterThan(0));
    expect(undecodable()).toEqual([]);
    expect(await lag()).toBe(2);
    fixture.failing = false;
    await produce(numbered(0, 20));
    await eventually(() => expect(ascending(decodable())).toEqual(upTo(20)));
    await eventually(() => expect(undecodable()).toHaveLength(2));
    await eventually(async () => expect(await lag()).toBe(0));
  });

  test('beside an undecodable batch, messages of aborted transactions stay hidden', async () => {
    const producer = kafka().producer({ transactionalId: topic, idempotent: true, maxInFlightRequests: 1 });
    await producer.connect();
    for (const [from, to] of [
      [0, 3],
      [3, 5],
    ] as const) {
      const transaction = await producer.transaction();
      await transaction.send({ topic, messages: inPartition(0, from, to) });
      if (from === 0) await transaction.abort();
      else await transaction.commit();
    }
    await producer.disconnect();
    await sendUndecodable(kafka(), topic, inPartition(0, 5, 6));
    await sendCompressed(kafka(), topic, 'none', inPartition(0, 6, 8));
    start();
    await eventually(() => expect(decodable()).toEqual([3, 4, 6, 7]));
    expect(undecodable()).toHaveLength(1);
    await eventually(async () => expect(await lag()).toBe(0));
  });

  test('a source that stops within an undecodable batch leaves it to its successor', async () => {
    await sendUndecodable(kafka(), topic, inPartition(0, 0, 2));
    fixture.failing = true;
    const source = start();
    await eventually(() => expect(fixture.refused.length).toBeGreaterThan(0));
    await source.stop();
    fixture.failing = false;
    start();
    await eventually(() => expect(undecodable()).toHaveLength(2));
    await eventually(async () => expect(await lag()).toBe(0));
  });
});

function int32(value: number): Buffer {
  const bytes = Buffer.alloc(4);
  bytes.writeInt32BE(value);
  return bytes;
}

describe('batches of a topic', () => {
  test('a failed batch is redelivered until it succeeds and not committed before', async () => {
    fixture.failing = true;
    await produce(numbered(0, 20));
    start({ batchSize: 10 });
    await eventually(() => expect(fixture.refused.length).toBeGreaterThanOrEqual(3));
    expect(await lag()).toBe(20);
    fixture.failing = false;
    await eventually(() => expect(values()).toHaveLength(20));
    expectOrder();
    await eventually(async () => expect(await lag()).toBe(0));
    expect(log.entries.map(({ level, message }) => `${level} ${message}`)).toEqual([
      `WARN The topic ${topic} is blocked because its function fails. Retrying until it succeeds.`,
      expect.stringMatching(/^INFO The topic .* works again after \d+ s\.$/),
    ]);
  });

  test('a source keeps its partitions during an invocation longer than the session timeout', async () => {
    const gate = Promise.withResolvers<void>();
    fixture.gate = gate.promise;
    await produce(numbered(0, 10));
    // More than is read ahead, so that the reader must wait too.
    start({ batchSize: 1 });
    await eventually(() => expect(fixture.begun).toBe(1));
    // Longer than the session timeout of 6 s, after which a member without heartbeats leaves the group.
    await new Promise((resolve) => setTimeout(resolve, 8_000));
    gate.resolve();
    await eventually(async () => expect(await lag()).toBe(0));
    expect(ascending(values())).toEqual(upTo(10));
  });
});

describe('topic sources', () => {
  test('a restarted topic source continues where it stopped', async () => {
    const first = start();
    await produce(numbered(0, 10));
    await eventually(() => expect(values()).toHaveLength(10));
    await first.stop();
    expect(await lag()).toBe(0);
    await produce(numbered(10, 20));
    start();
    await eventually(() => expect(values()).toHaveLength(20));
    expect(ascending(values())).toEqual(upTo(20));
  });

  test('a stopping topic source finishes and commits its running batch', async () => {
    const gate = Promise.withResolvers<void>();
    fixture.gate = gate.promise;
    const source = start();
    await produce(numbered(0, 10));
    await eventually(() => expect(fixture.begun).toBe(1));
    const stopped = source.stop();
    gate.resolve();
    await stopped;
    expect(10 - values().length).toBe(await lag());
  });

  test('a topic source that stops while its function fails leaves the batch for its successor', async () => {
    fixture.failing = true;
    const source = start();
    await produce(numbered(0, 10));
    await eventually(() => expect(fixture.refused.length).toBeGreaterThan(0));
    await source.stop();
    fixture.failing = false;
    start();
    await eventually(() => expect(ascending(values())).toEqual(upTo(10)));
  });

  test('two topic sources of a group share the partitions, and nothing is lost when one leaves', async () => {
    const other = recordingFunction<KafkaEvent>();
    start();
    await produce(numbered(0, 30));
    await eventually(() => expect(values()).toHaveLength(30));
    const second = start({ invoke: other.invoke });
    await eventually(async () => {
      await produce(numbered(30, 60));
      expect(other.events.length).toBeGreaterThan(0);
    });
    await second.stop();
    await produce(numbered(60, 90));
    const seen = () => new Set([...values(), ...values(other.events)]);
    await eventually(() => expect(ascending([...seen()])).toEqual(upTo(90)));
    await eventually(async () => expect(await lag()).toBe(0));
  });
});
