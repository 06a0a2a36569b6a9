import { promisify } from 'node:util';
import { gunzip, zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import { decompressFrame } from 'lz4-napi';
import { uncompress } from 'snappy';

/**
 * Every codec of Kafka, as the poller of AWS's event source mapping reads them all. kafkajs itself brings gzip alone, and verifies
 * no checksum; a codec sees every batch, even one that isn't compressed, so that is done here.
 */

/** Called when kafkajs takes a batch for empty, in whichever consumer of this process. */
const onEmptyBatch = new Set<() => void>();

/**
 * Reports batches without records. kafkajs hands a codec only records, but looks it up for every batch, and uses it in the
 * same turn: a codec that was looked up and not used belongs to a batch whose number of records is zero or less. The listener
 * is called before kafkajs continues.
 *
 * @returns a function that ends it.
 */
export function watchEmptyBatches(listener: () => void): () => void {
  onEmptyBatch.add(listener);
  return () => void onEmptyBatch.delete(listener);
}

interface Codec {
  decompress(compressed: Buffer): Promise<Buffer>;
}

/** kafkajs keeps its codecs in one table per process; its types name gzip alone. */
const codecs: Record<number, (() => object) | undefined> = kafkajs.CompressionCodecs;
const { None, GZIP, Snappy, LZ4, ZSTD } = kafkajs.CompressionTypes;

/** A batch names its codec in three bits. */
const CODEC_NUMBERS = 8;

export const WRONG_CHECKSUM = 'the checksum is wrong';

const decompressors: Readonly<Record<number, Codec['decompress']>> = {
  [None]: async (bytes) => bytes,
  [GZIP]: promisify(gunzip),
  [Snappy]: decompressSnappy,
  [LZ4]: decompressFrame,
  [ZSTD]: promisify(zstdDecompress),
};

/** Makes every consumer of this process read all codecs, and refuse those that don't exist and batches with a wrong checksum. */
export function registerCodecs(): void {
  for (let codec = 0; codec < CODEC_NUMBERS; codec += 1) {
    const decompress = decompressors[codec] ?? (() => refuse(codec));
    codecs[codec] = () => {
      let isUsed = false;
      queueMicrotask(() => {
        if (!isUsed) for (const listener of onEmptyBatch) listener();
      });
      const decompressUsed = (compressed: Buffer) => {
        isUsed = true;
        return decompressVerified(decompress, compressed);
      };
      return { ...(codec === GZIP ? gzip() : {}), decompress: decompressUsed };
    };
  }
}

/** kafkajs's own, which also compresses. */
const gzip = codecs[GZIP] ?? (() => ({}));

/** kafkajs would read such a batch as if it were not compressed. */
function refuse(codec: number): Promise<Buffer> {
  return Promise.reject(new Error(`there is no codec ${codec}`));
}

async function decompressVerified(decompress: Codec['decompress'], compressed: Buffer): Promise<Buffer> {
  const batch = batchAround(compressed);
  if (batch && !hasRightChecksum(batch)) throw new Error(WRONG_CHECKSUM);
  return decompress(compressed);
}

/**
 * Decompresses the records of a batch.
 *
 * @param codec The number that the batch names.
 * @throws if there is no such codec, or if it can't read the bytes.
 */
export async function decompress(codec: number, compressed: Buffer): Promise<Buffer> {
  return (decompressors[codec] ?? (() => refuse(codec)))(compressed);
}

/** Java's clients put snappy blocks into a frame of their own (xerial), others write one plain block. */
const XERIAL = Buffer.from([0x82, 0x53, 0x4e, 0x41, 0x50, 0x50, 0x59, 0x00]);
const XERIAL_HEADER_BYTES = 16;

async function decompressSnappy(compressed: Buffer): Promise<Buffer> {
  if (!compressed.subarray(0, XERIAL.length).equals(XERIAL)) return decompressBlock(compressed);
  const blocks: Buffer[] = [];
  for (let at = XERIAL_HEADER_BYTES; at < compressed.length; ) {
    const end = at + 4 + compressed.readInt32BE(at);
    blocks.push(await decompressBlock(compressed.subarray(at + 4, end)));
    at = end;
  }
  return Buffer.concat(blocks);
}

async function decompressBlock(block: Buffer): Promise<Buffer> {
  const bytes = await uncompress(block, { asBuffer: true });
  return typeof bytes === 'string' ? Buffer.from(bytes) : bytes;
}

/** Sizes and offsets, in bytes, of the header fields of a record batch (message format 2). */
export const BATCH_HEADER_BYTES = 61;
const LENGTH_AT = 8;
/** Bytes before those that the length counts: the base offset and the length itself. */
const PREFIX_BYTES = 12;
const CHECKSUM_AT = 17;
const CHECKED_FROM = 21;

/** Whether the checksum of a batch matches its contents. @param batch From the header to the last record. */
export function hasRightChecksum(batch: Buffer): boolean {
  return crc32c(batch.subarray(CHECKED_FROM)) === batch.readUInt32BE(CHECKSUM_AT);
}

/**
 * Returns the batch that contains these records. They are a view of the fetched response, so the batch's header is in the
 * bytes right before them.
 *
 * @returns null if there is no header.
 */
export function batchAround(records: Buffer): Buffer | null {
  const start = records.byteOffset - BATCH_HEADER_BYTES;
  if (start < 0) return null;
  const batch = Buffer.from(records.buffer, start, BATCH_HEADER_BYTES + records.length);
  return batch.readInt32BE(LENGTH_AT) === batch.length - PREFIX_BYTES ? batch : null;
}

/** The remainder of each byte. */
const CRC_TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let remainder = byte;
  for (let bit = 0; bit < 8; bit += 1) remainder = (remainder >>> 1) ^ ((remainder & 1) * 0x82f63b78);
  return remainder;
});

/**
 * Computes the CRC-32C (Castagnoli), with which record batches are protected. Node's own `crc32` uses another polynomial.
 *
 * @returns An unsigned 32-bit integer.
 * @example
 * crc32c(Buffer.from('123456789')) // 0xe3069283
 */
export function crc32c(bytes: Buffer): number {
  let crc = 0xffffffff;
  for (let at = 0; at < bytes.length; at += 1)
    crc = (crc >>> 8) ^ (CRC_TABLE[(crc ^ (bytes[at] ?? 0)) & 0xff] ?? 0);
  return (crc ^ 0xffffffff) >>> 0;
}
