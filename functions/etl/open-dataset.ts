import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import * as z from 'zod';
import { UnreadableDatasetError } from './dataset-errors.ts';

/** Location of a data set. */
type DatasetSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string };

const fileEvent = z
  .object({ file: z.string().min(1) })
  .transform(({ file }): DatasetSource => ({ kind: 'file', path: file }));

/** EventBridge's event for an object put into a bucket. Unlike in S3's own notifications, the key isn't URL-encoded. */
const objectCreated = z
  .object({
    'detail-type': z.literal('Object Created'),
    detail: z.object({
      bucket: z.object({ name: z.string().min(1) }),
      object: z.object({ key: z.string().min(1) }),
    }),
  })
  .transform(({ detail: { bucket, object } }): DatasetSource => {
    return { kind: 's3', bucket: bucket.name, key: object.key };
  });

/** The ETL's events: `{"file": "<path>"}`, or an object created in S3. */
export const etlEventSchema = z.union([fileEvent, objectCreated], {
  error: 'The ETL takes {"file": "<path of a CSV>"} or an "Object Created" event of S3',
});

/** A file that can be read repeatedly from its beginning. */
export interface Dataset {
  /** For messages: a path or an S3 URI. */
  readonly name: string;
  /** The last part of the name, for the record in the database. */
  readonly fileName: string;
  /** The CSV's bytes, decompressed if they are a gzip file. @throws UnreadableDatasetError */
  read(): AsyncGenerator<Uint8Array>;
}

const CHUNK_BYTES = 64 * 1024;

/** Opens a data set on disk or in S3; nothing is read yet. */
export function openDataset(source: DatasetSource): Dataset {
  return source.kind === 'file' ? fileDataset(source.path) : s3Dataset(source);
}

function fileDataset(path: string): Dataset {
  return dataset(path, async () => createReadStream(path, { highWaterMark: CHUNK_BYTES }));
}

function s3Dataset({ bucket, key }: { bucket: string; key: string }): Dataset {
  return dataset(`s3://${bucket}/${key}`, async () => {
    // Imported on demand: never on one machine.
    const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    const { Body } = await new S3Client({}).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!(Body instanceof Readable)) throw new Error('S3 responded without a body');
    return Body;
  });
}

/** Creates a data set from a stream that can be opened repeatedly. */
export function dataset(name: string, open: () => Promise<Readable>): Dataset {
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      yield* decompressed(await open());
    } catch (error) {
      throw new UnreadableDatasetError(name, error);
    }
  }
  return { name, fileName: basename(name), read };
}

const GZIP = Buffer.from([0x1f, 0x8b]);
const ZIP = Buffer.from('PK\u0003\u0004');

/** Recognises the container by its first bytes, because names are often wrong. @throws for a ZIP archive. */
async function* decompressed(stream: Readable): AsyncGenerator<Uint8Array> {
  const { start, whole } = await withStart(stream, ZIP.length);
  if (start.subarray(0, ZIP.length).equals(ZIP)) {
    stream.destroy();
    throw new Error('it is a ZIP archive or an Excel workbook; unpack it, or save it as CSV');
  }
  const isGzip = start.subarray(0, GZIP.length).equals(GZIP);
  // The pipeline passes an error of either stream to the reader of the result, which throws it.
  yield* isGzip ? pipeline(whole, createGunzip({ chunkSize: CHUNK_BYTES }), () => {}) : whole;
}

/**
 * Reads the beginning of a source.
 *
 * @returns at least `length` bytes, if there are as many, and the whole source.
 */
export async function withStart(
  source: AsyncIterable<Uint8Array>,
  length: number,
): Promise<{ start: Buffer; whole: AsyncGenerator<Uint8Array> }> {
  const rest = source[Symbol.asyncIterator]();
  let start = Buffer.alloc(0);
  while (start.length < length) {
    const { done, value } = await rest.next();
    if (done) break;
    start = Buffer.concat([start, value]);
  }
  async function* whole() {
    try {
      if (start.length > 0) yield start;
      yield* { [Symbol.asyncIterator]: () => rest };
    } finally {
      await rest.return?.();
    }
  }
  return { start, whole: whole() };
}
