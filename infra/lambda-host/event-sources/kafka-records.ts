import { LOCAL_ACCOUNT_ID } from '../system.ts';
import type { TopicRecord } from './topic-reader.ts';

/** Records that were read but not processed yet, in order per partition. */
export interface PendingRecords {
  size(): number;
  add(records: readonly TopicRecord[]): void;
  /**
   * Returns the next batch: the oldest records of every partition, in equal shares. They stay pending until they are removed.
   */
  batch(maxRecords: number, maxBytes: number): TopicRecord[];
  /** Removes a processed batch. Returns the offset after it for each partition. */
  remove(batch: readonly TopicRecord[]): Map<number, number>;
  clear(): void;
}

/** Creates an empty buffer of records. */
export function createPendingRecords(): PendingRecords {
  const partitions = new Map<number, TopicRecord[]>();
  let size = 0;
  return {
    size: () => size,
    add(records) {
      for (const record of records) {
        const queue = partitions.get(record.partition) ?? [];
        queue.push(record);
        partitions.set(record.partition, queue);
      }
      size += records.length;
    },
    batch: (maxRecords, maxBytes) => inEqualShares([...partitions.values()], maxRecords, maxBytes),
    remove(batch) {
      const next = new Map<number, number>();
      for (const { partition, offset } of batch) next.set(partition, offset + 1);
      for (const [partition, offset] of next) {
        const queue = partitions.get(partition) ?? [];
        const rest = queue.filter((record) => record.offset >= offset);
        size -= queue.length - rest.length;
        if (rest.length > 0) partitions.set(partition, rest);
        else partitions.delete(partition);
      }
      return next;
    },
    clear() {
      partitions.clear();
      size = 0;
    },
  };
}

/** The partition with the fewest records comes first, so that the rest of its share goes to the others. */
function inEqualShares(queues: TopicRecord[][], maxRecords: number, maxBytes: number): TopicRecord[] {
  const batch: TopicRecord[] = [];
  let bytes = 0;
  queues.sort((a, b) => a.length - b.length);
  for (const [i, queue] of queues.entries()) {
    const share = Math.ceil((maxRecords - batch.length) / (queues.length - i));
    for (const record of queue.slice(0, share)) {
      bytes += eventRecordBytes(record);
      // One record at least, or it would never be processed.
      if (bytes > maxBytes && batch.length > 0) return batch;
      batch.push(record);
    }
  }
  return batch;
}

/** Kafka records as Lambda delivers them. https://docs.aws.amazon.com/lambda/latest/dg/with-msk.html */

export interface KafkaEventOrigin {
  readonly topic: string;
  /** `host:port`, separated by commas. */
  readonly bootstrapServers: string;
  readonly region: string;
}

/** A record of an event. Without a key or a value the field is left out. */
export interface KafkaEventRecord {
  readonly topic: string;
  readonly partition: number;
  readonly offset: number;
  readonly timestamp: number;
  readonly timestampType: TopicRecord['timestampType'];
  readonly key?: string;
  readonly value?: string;
  /** One object per header; bytes are signed, as in Java: ë is [-61, -85]. */
  readonly headers: readonly Readonly<Record<string, readonly number[]>>[];
}

export interface KafkaEvent {
  readonly eventSource: 'aws:kafka';
  readonly eventSourceArn: string;
  readonly bootstrapServers: string;
  /** By topic and partition, as in `sales-events-0`. */
  readonly records: Readonly<Record<string, readonly KafkaEventRecord[]>>;
}

/**
 * The event of a batch ({@link KafkaEvent}) as JSON; the order within a partition is kept. It is written record by record,
 * because the header values, a number for each byte, are half of the text, and those of a click's messages are all the same.
 */
export function kafkaEventJson(records: readonly TopicRecord[], origin: KafkaEventOrigin): string {
  const { topic, bootstrapServers, region } = origin;
  const headerJson = headerWriter();
  const topicJson = JSON.stringify(topic);
  const byPartition = Map.groupBy(records, ({ partition }) => partition);
  const partitions = [...byPartition].map(([partition, ofPartition]) => {
    const texts = ofPartition.map((record) => recordJson(topicJson, record, headerJson));
    return `${JSON.stringify(`${topic}-${partition}`)}:[${texts.join()}]`;
  });
  const head = {
    eventSource: 'aws:kafka',
    eventSourceArn: `arn:aws:kafka:${region}:${LOCAL_ACCOUNT_ID}:cluster/local/00000000-0000-0000-0000-000000000000-1`,
    bootstrapServers,
  } satisfies Omit<KafkaEvent, 'records'>;
  return `${JSON.stringify(head).slice(0, -1)},"records":{${partitions.join()}}}`;
}

type HeaderWriter = (name: string, bytes: Buffer) => string;

/** A {@link KafkaEventRecord} as JSON. Base64 has no character that JSON would escape. */
function recordJson(topicJson: string, record: TopicRecord, headerJson: HeaderWriter): string {
  const { partition, offset, timestamp, timestampType, key, value, headers } = record;
  const keyField = key === null ? '' : `"key":"${key.toString('base64')}",`;
  const valueField = value === null ? '' : `"value":"${value.toString('base64')}",`;
  const headerList = headers.map(([name, bytes]) => headerJson(name, bytes)).join();
  return (
    `{"topic":${topicJson},"partition":${partition},"offset":${offset},"timestamp":${timestamp},` +
    `"timestampType":"${timestampType}",${keyField}${valueField}"headers":[${headerList}]}`
  );
}

/** Writes each different header once. */
function headerWriter(): HeaderWriter {
  const written = new Map<string, string>();
  return (name, bytes) => {
    const content = `${name.length} ${name}${bytes.toString('latin1')}`;
    const known = written.get(content);
    if (known !== undefined) return known;
    const json = JSON.stringify({ [name]: [...new Int8Array(bytes)] });
    written.set(content, json);
    return json;
  };
}

/** The approximate size of a record in an event, in bytes. */
function eventRecordBytes({ key, value, headers }: TopicRecord): number {
  const base64 = (((key?.length ?? 0) + (value?.length ?? 0)) * 4) / 3;
  const headerBytes = headers.reduce((sum, [name, bytes]) => sum + name.length + 5 * bytes.length + 8, 0);
  return base64 + headerBytes + 200;
}
