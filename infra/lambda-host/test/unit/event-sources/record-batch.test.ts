import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { crc32c } from '../../../event-sources/kafka-codecs.ts';
import { decodeBatch, splitBatches } from '../../../event-sources/record-batch.ts';

const PARTITION = 4;

/** An integer as records hold it: zigzag-encoded, seven bits per byte. */
function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value < 0 ? -value * 2 - 1 : value * 2;
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80);
  return Buffer.from([...bytes, rest]);
}

const sized = (bytes: Buffer | null) =>
  bytes === null ? varint(-1) : Buffer.concat([varint(bytes.length), bytes]);

function record(
  delta: number,
  key: Buffer | null,
  value: Buffer | null,
  headers: [string | null, string][] = [],
  headerCount = headers.length,
): Buffer {
  const pairs = headers.flatMap(([name, text]) => [
    sized(name === null ? null : Buffer.from(name)),
    sized(Buffer.from(text)),
  ]);
  return sized(
    Buffer.concat([
      Buffer.from([0]),
      varint(delta * 10),
      varint(delta),
      sized(key),
      sized(value),
      varint(headerCount),
      ...pairs,
    ]),
  );
}

interface BatchFields {
  readonly records: readonly Buffer[];
  readonly attributes?: number;
  readonly baseOffset?: number;
  readonly count?: number;
  /** The records as the batch holds them; default: as they are. */
  readonly content?: Buffer;
}

function batch({
  records,
  attributes = 0,
  baseOffset = 100,
  count = records.length,
  content,
}: BatchFields): Buffer {
  const header = Buffer.alloc(61);
  const body = content ?? Buffer.concat(records);
  header.writeBigInt64BE(BigInt(baseOffset), 0);
  header.writeInt32BE(49 + body.length, 8);
  header.writeInt8(2, 16);
  header.writeInt16BE(attributes, 21);
  header.writeInt32BE(records.length - 1, 23);
  header.writeBigInt64BE(1_700_000_000_000n, 27);
  header.writeBigInt64BE(1_700_000_000_999n, 35);
  header.writeBigInt64BE(7n, 43);
  header.writeInt32BE(count, 57);
  const bytes = Buffer.concat([header, body]);
  bytes.writeUInt32BE(crc32c(bytes.subarray(21)), 17);
  return bytes;
}

const text = (value: string) => Buffer.from(value);
const some = [record(0, text('a'), text('1')), record(1, null, text('2')), record(2, text('c'), null)];

async function decode(bytes: Buffer) {
  const [first] = splitBatches(bytes);
  return decodeBatch(PARTITION, first ?? expect.unreachable('There is no batch.'));
}

describe('decoding a record batch', () => {
  test('the checksum is that of RFC 3720', () => {
    expect(crc32c(text('123456789'))).toBe(0xe3069283);
  });

  test('each record has its offset, time, key, value and headers', async () => {
    const records = [
      record(0, text('k'), text('v'), [
        ['h', 'ë'],
        ['h', ''],
      ]),
      record(1, null, null),
    ];
    expect(await decode(batch({ records }))).toEqual([
      {
        partition: PARTITION,
        offset: 100,
        timestamp: 1_700_000_000_000,
        timestampType: 'CREATE_TIME',
        key: text('k'),
        value: text('v'),
        headers: [
          ['h', text('ë')],
          ['h', text('')],
        ],
      },
      expect.objectContaining({
        offset: 101,
        timestamp: 1_700_000_000_010,
        key: null,
        value: null,
        headers: [],
      }),
    ]);
  });

  test('a batch with the time of its append gives it to all records', async () => {
    const records = await decode(batch({ records: some, attributes: 0x08 }));
    expect(new Set(records.map(({ timestamp }) => timestamp))).toEqual(new Set([1_700_000_000_999]));
    expect(records[0]?.timestampType).toBe('LOG_APPEND_TIME');
  });

  test('a compressed batch is decompressed', async () => {
    const content = await promisify(gzip)(Buffer.concat(some));
    expect(await decode(batch({ records: some, attributes: 1, content }))).toEqual(
      await decode(batch({ records: some })),
    );
  });

  test('values above 2 KB and offsets above 2^32 are read', async () => {
    const long = Buffer.alloc(3_000, 'x');
    const [only] = await decode(batch({ records: [record(0, null, long)], baseOffset: 2 ** 40 }));
    expect(only).toMatchObject({ offset: 2 ** 40, value: long });
  });
});

describe('a batch without records', () => {
  test.each([0, 1, 3])(
    'what compaction leaves of a batch with codec %i holds nothing',
    async (attributes) => {
      expect(await decode(batch({ records: [], attributes, content: Buffer.alloc(0) }))).toEqual([]);
    },
  );
});

describe('an undecodable batch', () => {
  const flipped = (bytes: Buffer, at: number) => {
    const copy = Buffer.from(bytes);
    copy.writeUInt8(copy.readUInt8(at) ^ 0x01, at);
    return copy;
  };
  const last = (bytes: Buffer) => bytes.length - 1;

  test.each([
    ['with a flipped bit', flipped(batch({ records: some }), 70), /checksum is wrong/],
    [
      'with a flipped bit in its last byte',
      flipped(batch({ records: some }), last(batch({ records: some }))),
      /checksum/,
    ],
    ['with an unknown codec', batch({ records: some, attributes: 5 }), /there is no codec 5/],
    ['whose compressed content is broken', batch({ records: some, attributes: 1 }), /can't be decompressed/],
    ['with more records than it holds', batch({ records: some, count: 9 }), /records can't be read/],
    ['with fewer records than it holds', batch({ records: some, count: 1 }), /doesn't hold 1 records/],
    ['that counts none of its records', batch({ records: some, count: 0 }), /doesn't hold 0 records/],
    ['with a negative number of records', batch({ records: [], count: -5 }), /doesn't hold -5 records/],
    [
      'with a field that exceeds it',
      batch({ records: [Buffer.from([0xfe, 0x7f, 0, 0, 0, 0xfe, 0x7f])] }),
      /exceeds the batch/,
    ],
    [
      'with a negative number of headers',
      batch({ records: [record(0, null, null, [], -2)] }),
      /can't have -2 headers/,
    ],
    [
      'with a header without a name',
      batch({ records: [record(0, null, null, [[null, 'x']])] }),
      /a header has no name/,
    ],
    [
      'of an older format',
      flipped(flipped(batch({ records: some }), 16), 16).fill(1, 16, 17),
      /message format 1/,
    ],
  ])('a batch %s is refused with the reason', async (_case, bytes, reason) => {
    await expect(decode(bytes)).rejects.toThrow(reason);
    await expect(decode(bytes)).rejects.toMatchObject({ name: 'UndecodableBatchError' });
  });
});

describe('splitting the bytes of a fetch', () => {
  test('batches follow one another, and one that is cut off is left out', () => {
    const first = batch({ records: some });
    const second = batch({ records: some, baseOffset: 103 });
    const bytes = Buffer.concat([first, second, batch({ records: some, baseOffset: 106 }).subarray(0, 80)]);
    expect(splitBatches(bytes).map(({ baseOffset, lastOffset }) => [baseOffset, lastOffset])).toEqual([
      [100, 102],
      [103, 105],
    ]);
    expect(splitBatches(Buffer.alloc(0))).toEqual([]);
  });

  test('a broken length ends the reading instead of repeating it', () => {
    const bytes = batch({ records: some });
    bytes.writeInt32BE(-12, 8);
    expect(splitBatches(bytes)).toEqual([]);
  });

  test('transactions and their markers are recognised by the attributes', () => {
    const [marker] = splitBatches(batch({ records: some, attributes: 0x30 }));
    expect(marker).toMatchObject({ isTransactional: true, isControl: true, producerId: 7n });
  });
});
