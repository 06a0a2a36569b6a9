/** Every codec of Kafka, as the poller of AWS's event source mapping reads them all. kafkajs itself brings gzip alone. */
import { promisify } from 'node:util';
import { zstdDecompress } from 'node:zlib';
import kafkajs from 'kafkajs';
import { decompressFrame } from 'lz4-napi';
import { uncompress } from 'snappy';

interface Codec {
  decompress(compressed: Buffer): Promise<Buffer>;
}

/** kafkajs keeps its codecs in one table per process; its types name gzip alone. */
const codecs: Record<number, (() => Codec) | undefined> = kafkajs.CompressionCodecs;
const { None, Snappy, LZ4, ZSTD } = kafkajs.CompressionTypes;

/** A batch names its codec in three bits. */
const CODEC_NUMBERS = 8;

/** Makes every consumer of this process read snappy, lz4 and zstd, and refuse codecs that don't exist. */
export function registerCodecs(): void {
  Object.assign(codecs, {
    [Snappy]: () => ({ decompress: decompressSnappy }),
    [LZ4]: () => ({ decompress: decompressFrame }),
    [ZSTD]: () => ({ decompress: promisify(zstdDecompress) }),
  });
  // kafkajs would read such a batch as if it were not compressed.
  for (let unknown = ZSTD + 1; unknown < CODEC_NUMBERS; unknown += 1)
    codecs[unknown] = () => ({ decompress: () => Promise.reject(new Error(`there is no codec ${unknown}`)) });
}

/**
 * Decompresses the records of a batch.
 *
 * @param codec The number that the batch names.
 * @throws if there is no such codec, or if it can't read the bytes.
 */
export async function decompress(codec: number, compressed: Buffer): Promise<Buffer> {
  if (codec === None) return compressed;
  const found = codecs[codec];
  if (!found) throw new Error(`there is no codec ${codec}`);
  return found().decompress(compressed);
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
