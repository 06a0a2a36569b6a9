/**
 * Reads a partition past batches that can't be decoded. kafkajs decodes all partitions of a response together and fails with
 * the first batch that is broken, at every attempt, so one such batch would stop every partition of its broker for good. A
 * partition with such a batch is therefore read here for a while, batch by batch; the others go on with kafkajs.
 */
import type { Admin, Kafka } from 'kafkajs';
import { backOff } from '../back-off.ts';
import type { HostLog } from '../log.ts';
import { type FetchedBytes, fetchBytes } from './fetch-request.ts';
import { decodeBatch, type RecordBatch, splitBatches, UndecodableBatchError } from './record-batch.ts';
import type { TopicRecord } from './topic-reader.ts';

/** The header of a record that stands for an offset that can't be decoded. Its value is the reason. */
export const UNDECODABLE_HEADER = 'undecodable';

export interface CarefulReader {
  /**
   * Returns the partitions with a broken batch behind the group's position, as far as a fetch of kafkajs may reach.
   *
   * @param from Other positions, of some partitions.
   * @throws if Kafka is unavailable.
   */
  findUndecodable(from?: ReadonlyMap<number, number>): Promise<number[]>;
  /**
   * Reads a partition from the group's position until a whole fetch could be decoded or nothing is left. Each offset of a
   * broken batch becomes a record without a key, with the header {@link UNDECODABLE_HEADER}; the first of them has the bytes
   * of the batch as its value.
   *
   * @returns the offset to continue from; null if the position isn't in the partition (any more).
   * @throws if Kafka is unavailable.
   */
  readPast(
    partition: number,
    onRecords: (records: readonly TopicRecord[]) => Promise<void>,
    signal: AbortSignal,
  ): Promise<number | null>;
}

export interface CarefulReaderOptions {
  readonly kafka: Kafka;
  readonly topic: string;
  readonly groupId: string;
  readonly log: HostLog;
}

/** As much as kafkajs fetches of a partition. */
const FETCH_BYTES = 1_048_576;
/** kafkajs may be ahead of the committed offsets by what is waiting for the function. */
const FETCHES_TO_SEARCH = 4;
/** Fetches of a batch, each over a new connection, before it counts as undecodable: bytes may be damaged on their way. */
const TRIES = 3;
/** Records that stand for offsets, handed over together. */
const MARKS = 1_000;

const OFFSET_OUT_OF_RANGE = 1;

/**
 * Creates a reader for the partitions of one topic. It connects to Kafka for each search and each reading, and keeps no
 * connection in between.
 */
export function createCarefulReader({ kafka, topic, groupId, log }: CarefulReaderOptions): CarefulReader {
  /** Runs `use` with the group's positions and a connection to look up leaders. */
  async function withTopic<Result>(use: (source: TopicPositions) => Promise<Result>): Promise<Result> {
    const admin = kafka.admin();
    await admin.connect();
    try {
      const fetch = (partition: number, offset: number) => fetchFrom(admin, topic, partition, offset);
      return await use({ positions: await groupPositions(admin, topic, groupId), fetch });
    } finally {
      await admin.disconnect().catch(() => undefined);
    }
  }

  /** Logged as an error, because an alarm counts these lines. */
  function report(partition: number, firstOffset: number, end: number, cause: string): void {
    log.write('ERROR', `A batch of topic ${topic} can't be decoded: it is handed over as undecodable.`, {
      partition,
      firstOffset,
      lastOffset: end - 1,
      tries: TRIES,
      cause,
    });
  }

  return {
    findUndecodable: (from = new Map()) =>
      withTopic(async ({ positions, fetch }) => {
        const found = [...new Map([...positions, ...from])].map(async ([partition, offset]) =>
          (await hasUndecodable((from) => fetch(partition, from), partition, offset)) ? [partition] : [],
        );
        return (await Promise.all(found)).flat();
      }),

    readPast: (partition, onRecords, signal) =>
      withTopic(async ({ positions, fetch }) => {
        let offset = positions.get(partition) ?? 0;
        let [brokenAt, tries, fetchesLeft] = [-1, 0, FETCHES_TO_SEARCH];
        while (!signal.aborted) {
          const fetched = await fetch(partition, offset);
          if (fetched.errorCode === OFFSET_OUT_OF_RANGE) return null;
          const { records, next, broken } = await decodeFetch(partition, fetched, offset);
          if (records.length > 0) await onRecords(records);
          if (broken === null) {
            fetchesLeft -= 1;
            if (fetchesLeft === 0 || next === offset) return next;
            offset = next;
            continue;
          }
          offset = next;
          tries = broken.batch.baseOffset === brokenAt ? tries + 1 : 1;
          brokenAt = broken.batch.baseOffset;
          if (tries < TRIES) {
            await backOff(tries, signal);
            continue;
          }
          report(partition, offset, broken.end, broken.reason);
          for (const marks of marksOf(partition, broken, offset)) await onRecords(marks);
          offset = broken.end;
          // One clean fetch is enough after it.
          fetchesLeft = 1;
        }
        return offset;
      }),
  };
}

interface TopicPositions {
  /** By partition, the offset that the group would read next. */
  readonly positions: ReadonlyMap<number, number>;
  fetch(partition: number, offset: number): Promise<FetchedBytes>;
}

async function groupPositions(admin: Admin, topic: string, groupId: string): Promise<Map<number, number>> {
  const [ends, [group]] = await Promise.all([
    admin.fetchTopicOffsets(topic),
    admin.fetchOffsets({ groupId, topics: [topic] }),
  ]);
  const committed = new Map(group?.partitions.map(({ partition, offset }) => [partition, Number(offset)]));
  return new Map(
    ends.map(({ partition, low }) => [partition, Math.max(committed.get(partition) ?? -1, Number(low))]),
  );
}

/** Fetches from the partition's current leader. */
async function fetchFrom(
  admin: Admin,
  topic: string,
  partition: number,
  offset: number,
): Promise<FetchedBytes> {
  const [{ topics }, { brokers }] = await Promise.all([
    admin.fetchTopicMetadata({ topics: [topic] }),
    admin.describeCluster(),
  ]);
  const { leader } = topics[0]?.partitions.find(({ partitionId }) => partitionId === partition) ?? {};
  const broker = brokers.find(({ nodeId }) => nodeId === leader);
  if (!broker) throw new Error(`The partition ${topic}-${partition} has no leader.`);
  const fetched = await fetchBytes(broker, { topic, partition, offset, maxBytes: FETCH_BYTES });
  if (fetched.errorCode === 0 || fetched.errorCode === OFFSET_OUT_OF_RANGE) return fetched;
  throw new Error(`A fetch of ${topic}-${partition} is answered with error ${fetched.errorCode}.`);
}

async function hasUndecodable(
  fetch: (offset: number) => Promise<FetchedBytes>,
  partition: number,
  position: number,
): Promise<boolean> {
  let offset = position;
  for (let fetches = 0; fetches < FETCHES_TO_SEARCH; fetches += 1) {
    const batches = splitBatches((await fetch(offset)).bytes);
    for (const batch of batches) if (typeof (await decode(partition, batch)) === 'string') return true;
    const last = batches.at(-1);
    if (last === undefined) return false;
    offset = last.lastOffset + 1;
  }
  return false;
}

/** The records, or the reason why there are none. */
async function decode(partition: number, batch: RecordBatch): Promise<TopicRecord[] | string> {
  try {
    return await decodeBatch(partition, batch);
  } catch (error) {
    if (error instanceof UndecodableBatchError) return error.message;
    throw error;
  }
}

interface BrokenBatch {
  readonly batch: RecordBatch;
  readonly reason: string;
  /** The offset after it. */
  readonly end: number;
}

interface DecodedFetch {
  readonly records: readonly TopicRecord[];
  /** The offset after the records. */
  readonly next: number;
  /** The batch at which decoding ended; null if it reached the end. */
  readonly broken: BrokenBatch | null;
}

/** Decodes up to the first batch that is broken. As with kafkajs, messages of aborted transactions are left out. */
async function decodeFetch(
  partition: number,
  fetched: FetchedBytes,
  position: number,
): Promise<DecodedFetch> {
  const batches = splitBatches(fetched.bytes);
  const isAborted = abortedFilter(fetched.abortedTransactions);
  const records: TopicRecord[] = [];
  let next = position;
  for (const [index, batch] of batches.entries()) {
    if (!isAborted(batch) && !batch.isControl) {
      const decoded = await decode(partition, batch);
      if (typeof decoded === 'string')
        return {
          records,
          next,
          broken: { batch, reason: decoded, end: endOf(batch, batches[index + 1], fetched) },
        };
      records.push(...decoded.filter(({ offset }) => offset >= position));
    }
    next = Math.max(next, batch.lastOffset + 1);
  }
  return { records, next, broken: null };
}

/** A broken header may claim any offsets, so the following batch or the end of the partition bounds them. */
function endOf(
  batch: RecordBatch,
  following: RecordBatch | undefined,
  { highWatermark }: FetchedBytes,
): number {
  const bound = following?.baseOffset ?? highWatermark;
  return Math.max(batch.baseOffset + 1, Math.min(batch.lastOffset + 1, bound));
}

/** One record for each offset of a broken batch, in chunks. */
function* marksOf(
  partition: number,
  { batch, reason, end }: BrokenBatch,
  position: number,
): Generator<TopicRecord[]> {
  const header = [UNDECODABLE_HEADER, Buffer.from(reason)] as const;
  for (let from = position; from < end; from += MARKS) {
    yield Array.from({ length: Math.min(MARKS, end - from) }, (_, index) => ({
      partition,
      offset: from + index,
      timestamp: Date.now(),
      timestampType: 'CREATE_TIME',
      key: null,
      value: from + index === position ? batch.bytes : null,
      headers: [header],
    }));
  }
}

/** Batches have to be asked for in order. */
function abortedFilter(transactions: FetchedBytes['abortedTransactions']): (batch: RecordBatch) => boolean {
  const waiting = [...transactions];
  const aborted = new Set<bigint>();
  return ({ lastOffset, producerId, isTransactional, isControl }) => {
    for (let [first] = waiting; first !== undefined && first.firstOffset <= lastOffset; [first] = waiting) {
      aborted.add(first.producerId);
      waiting.shift();
    }
    // A marker ends the producer's transaction.
    if (isControl) return aborted.delete(producerId);
    return isTransactional && aborted.has(producerId);
  };
}
