import { promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import kafkajs, { type Kafka, type Message, Partitioners, type Producer } from 'kafkajs';
import { compressFrame } from 'lz4-napi';
import { compress as compressSnappy } from 'snappy';
import { registerCodecs } from '../../event-sources/kafka-codecs.ts';

registerCodecs();

/** How another producer may compress its batches. */
export const codecs = ['none', 'gzip', 'snappy', 'lz4', 'zstd'] as const;
export type Codec = (typeof codecs)[number];

type Compress = (bytes: Buffer) => Promise<Buffer>;

const compressors: Readonly<Record<Exclude<Codec, 'none'>, Compress>> = {
  gzip: promisify(gzip),
  snappy: compressSnappy,
  lz4: compressFrame,
  zstd: promisify(zstdCompress),
};

const { None, GZIP, Snappy, LZ4, ZSTD } = kafkajs.CompressionTypes;
const numbers: Readonly<Record<Codec, number>> = {
  none: None,
  gzip: GZIP,
  snappy: Snappy,
  lz4: LZ4,
  zstd: ZSTD,
};

/** kafkajs keeps its codecs in one table per process; its types name gzip alone. */
const table: Record<number, (() => object) | undefined> = kafkajs.CompressionCodecs;

/** Compresses with the codecs in turn, in every batch that a client's producers send from now on. */
export function compressingClient(kafka: Kafka): Pick<Kafka, 'producer'> {
  for (const codec of codecs) if (codec !== 'none') table[numbers[codec]] = codecThatCompresses(codec);
  let sent = 0;
  return {
    producer(config) {
      const producer = kafka.producer(config);
      const send: Producer['send'] = (record) => {
        sent += 1;
        return producer.send({ ...record, compression: numbers[codecs[sent % codecs.length] ?? 'none'] });
      };
      return { ...producer, send };
    },
  };
}

/** Sends messages as one batch per partition, compressed like this. */
export function sendCompressed(
  kafka: Kafka,
  topic: string,
  codec: Codec,
  messages: Message[],
): Promise<void> {
  return send(kafka, topic, numbers[codec], codec === 'none' ? null : compressors[codec], messages);
}

/**
 * Sends messages as one batch per partition that a broker accepts and this project can't decode: an lz4 frame with a wrong
 * checksum of its content, which Kafka doesn't check (Lz4BlockInputStream, 4.4) and our codec does.
 */
export function sendUndecodable(kafka: Kafka, topic: string, messages: Message[]): Promise<void> {
  return send(kafka, topic, LZ4, undecodableFrame, messages);
}

/** The start of a frame that announces a checksum of its content. Its last byte is a checksum of the two before. */
const FRAME_WITH_CHECKSUM = Buffer.from('04224d186440a7', 'hex');

async function undecodableFrame(bytes: Buffer): Promise<Buffer> {
  const frame = await compressFrame(bytes);
  return Buffer.concat([
    FRAME_WITH_CHECKSUM,
    frame.subarray(FRAME_WITH_CHECKSUM.length),
    Buffer.from('oops'),
  ]);
}

function codecThatCompresses(codec: Exclude<Codec, 'none'>): () => object {
  return withCompressor(table[numbers[codec]], compressors[codec]);
}

function withCompressor(registered: (() => object) | undefined, compress: Compress): () => object {
  const compressor = ({ buffer }: { buffer: Buffer }) => compress(buffer);
  return () => ({ ...registered?.(), compress: compressor });
}

async function send(
  kafka: Kafka,
  topic: string,
  compression: number,
  compress: Compress | null,
  messages: Message[],
): Promise<void> {
  const registered = table[compression];
  const producer = kafka.producer({ createPartitioner: Partitioners.DefaultPartitioner });
  await producer.connect();
  try {
    if (compress) table[compression] = withCompressor(registered, compress);
    await producer.send({ topic, compression, acks: -1, messages });
  } finally {
    // kafkajs looks the codec up while it sends; the consumers of this process need the registered one.
    if (compress) table[compression] = registered;
    await producer.disconnect();
  }
}
