/**
 * Record batches as brokers store and send them (message format 2, all that Kafka writes since 0.11).
 * https://kafka.apache.org/documentation/#recordbatch
 */
import { BATCH_HEADER_BYTES, decompress, hasRightChecksum, WRONG_CHECKSUM } from './kafka-codecs.ts';
import type { TopicRecord } from './topic-reader.ts';

/** A batch whose header was read; its records are decoded by {@link decodeBatch}. */
export interface RecordBatch {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly isTransactional: boolean;
  /** A marker that ends a transaction; it holds no messages. */
  readonly isControl: boolean;
  readonly producerId: bigint;
  /** Header and records, as received. */
  readonly bytes: Buffer;
}

/** A batch that is broken. The message says why; it contains nothing of the batch's content. */
export class UndecodableBatchError extends Error {
  constructor(reason: string) {
    super(reason);
    this.name = 'UndecodableBatchError';
  }
}

const FORMAT = 2;
/** Bytes before those that `length` counts: the base offset and the length itself. */
const PREFIX_BYTES = 12;

/** Where each field of the header starts. */
const AT = {
  length: 8,
  format: 16,
  attributes: 21,
  lastOffsetDelta: 23,
  firstTimestamp: 27,
  maxTimestamp: 35,
  producerId: 43,
  count: 57,
} as const;

/** Splits the bytes of a fetch. A batch that is cut off at the end is left out, because brokers limit a response by its size. */
export function splitBatches(bytes: Buffer): RecordBatch[] {
  const batches: RecordBatch[] = [];
  for (let at = 0; at + BATCH_HEADER_BYTES <= bytes.length; ) {
    const end = at + PREFIX_BYTES + bytes.readInt32BE(at + AT.length);
    if (end > bytes.length || end < at + BATCH_HEADER_BYTES) break;
    batches.push(readHeader(bytes.subarray(at, end)));
    at = end;
  }
  return batches;
}

function readHeader(bytes: Buffer): RecordBatch {
  const attributes = bytes.readInt16BE(AT.attributes);
  const baseOffset = Number(bytes.readBigInt64BE(0));
  return {
    baseOffset,
    lastOffset: baseOffset + Math.max(0, bytes.readInt32BE(AT.lastOffsetDelta)),
    isTransactional: (attributes & 0x10) !== 0,
    isControl: (attributes & 0x20) !== 0,
    producerId: bytes.readBigInt64BE(AT.producerId),
    bytes,
  };
}

/**
 * Decodes the records of a batch.
 *
 * @throws UndecodableBatchError if the checksum is wrong, the codec unknown, or the content broken.
 */
export async function decodeBatch(
  partition: number,
  { baseOffset, bytes }: RecordBatch,
): Promise<TopicRecord[]> {
  const format = bytes.readInt8(AT.format);
  if (format !== FORMAT) throw new UndecodableBatchError(`message format ${format} is not ${FORMAT}`);
  if (!hasRightChecksum(bytes)) throw new UndecodableBatchError(WRONG_CHECKSUM);
  const attributes = bytes.readInt16BE(AT.attributes);
  // What compaction leaves of a batch without its records is a header alone, even if it was compressed.
  if (bytes.length === BATCH_HEADER_BYTES && bytes.readInt32BE(AT.count) === 0) return [];
  const content = await decompressed(attributes & 0x07, bytes.subarray(BATCH_HEADER_BYTES));
  const context = {
    partition,
    baseOffset,
    isAppendTime: (attributes & 0x08) !== 0,
    firstTimestamp: Number(bytes.readBigInt64BE(AT.firstTimestamp)),
    maxTimestamp: Number(bytes.readBigInt64BE(AT.maxTimestamp)),
  };
  try {
    return readRecords(content, bytes.readInt32BE(AT.count), context);
  } catch (error) {
    throw new UndecodableBatchError(`its records can't be read: ${describe(error)}`);
  }
}

async function decompressed(codec: number, bytes: Buffer): Promise<Buffer> {
  try {
    return await decompress(codec, bytes);
  } catch (error) {
    throw new UndecodableBatchError(`it can't be decompressed: ${describe(error)}`);
  }
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

interface RecordContext {
  readonly partition: number;
  readonly baseOffset: number;
  readonly isAppendTime: boolean;
  readonly firstTimestamp: number;
  readonly maxTimestamp: number;
}

function readRecords(content: Buffer, count: number, context: RecordContext): TopicRecord[] {
  const reader = openReader(content);
  const records: TopicRecord[] = [];
  for (let left = count; left > 0; left -= 1) records.push(readRecord(reader, context));
  if (count < 0 || !reader.isAtEnd()) throw new Error(`the batch doesn't hold ${count} records`);
  return records;
}

function readRecord(reader: Reader, context: RecordContext): TopicRecord {
  // Length and attributes: neither says anything that isn't known.
  reader.varint();
  reader.bytes(1);
  const timestamp = context.firstTimestamp + reader.varint();
  const offset = context.baseOffset + reader.varint();
  const key = reader.sizedBytes();
  const value = reader.sizedBytes();
  const headers = readHeaders(reader);
  return {
    partition: context.partition,
    offset,
    timestamp: context.isAppendTime ? context.maxTimestamp : timestamp,
    timestampType: context.isAppendTime ? 'LOG_APPEND_TIME' : 'CREATE_TIME',
    key,
    value,
    headers,
  };
}

/** @throws for what the format forbids and the reader of the topic can't decode either. */
function readHeaders(reader: Reader): [string, Buffer][] {
  const count = reader.varint();
  if (count < 0) throw new Error(`a message can't have ${count} headers`);
  const headers: [string, Buffer][] = [];
  for (let left = count; left > 0; left -= 1) {
    const name = reader.sizedBytes();
    if (name === null) throw new Error('a header has no name');
    headers.push([name.toString(), reader.sizedBytes() ?? Buffer.alloc(0)]);
  }
  return headers;
}

interface Reader {
  /** A zigzag-encoded integer of variable length. */
  varint(): number;
  bytes(length: number): Buffer;
  /** Bytes after their length; null if that is -1. */
  sizedBytes(): Buffer | null;
  isAtEnd(): boolean;
}

function openReader(content: Buffer): Reader {
  let at = 0;

  function varint(): number {
    let raw = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = content.readUInt8(at);
      at += 1;
      raw |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return Number((raw >> 1n) ^ -(raw & 1n));
    }
    throw new RangeError('an integer has too many bytes');
  }

  function bytes(length: number): Buffer {
    if (length < 0 || at + length > content.length) throw new RangeError('a field exceeds the batch');
    at += length;
    return content.subarray(at - length, at);
  }

  return {
    varint,
    bytes,
    sizedBytes() {
      const length = varint();
      return length === -1 ? null : bytes(length);
    },
    isAtEnd: () => at === content.length,
  };
}
