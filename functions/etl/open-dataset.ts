import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import * as z from 'zod';
import { UnreadableDatasetError } from './dataset-errors.ts';

/** Where a data set is. */
export type DatasetSource =
  | { readonly kind: 'file'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string };

const fileEvent = z
  .object({ file: z.string().min(1) })
  .transform(({ file }): DatasetSource => ({ kind: 'file', path: file }));

/** What EventBridge tells of an object that was put into a bucket; other than S3's own notifications, its key is plain. */
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

/** A deployment asks for the schema alone: the code that follows needs it, whatever is loaded. */
const emptyEvent = z.strictObject({}).transform(() => ({ kind: 'schema' as const }));

/** What invokes the ETL: `{"file": "<path>"}`, an object that was created in S3, or `{}`. Gives what to load. */
export const etlEventSchema = z.union([fileEvent, objectCreated, emptyEvent], {
  error:
    'The ETL takes {"file": "<path of a CSV>"}, an "Object Created" event of S3, or {} for the schema alone',
});

/** A file that can be read from its beginning as often as wanted, wherever it is. */
export interface Dataset {
  /** For messages: a path or an S3 URI. */
  readonly name: string;
  /** Its last part, for the record in the database. */
  readonly fileName: string;
  /** The CSV's bytes, unpacked if the name ends in `.gz`. @throws UnreadableDatasetError */
  read(): AsyncGenerator<Uint8Array>;
}

const CHUNK_BYTES = 64 * 1024;

/** The one place that knows where data sets are. */
export function openDataset(source: DatasetSource): Dataset {
  return source.kind === 'file' ? fileDataset(source.path) : s3Dataset(source);
}

function fileDataset(path: string): Dataset {
  return dataset(path, async () => createReadStream(path, { highWaterMark: CHUNK_BYTES }));
}

function s3Dataset({ bucket, key }: { bucket: string; key: string }): Dataset {
  return dataset(`s3://${bucket}/${key}`, async () => {
    // Loaded where it is needed: on one machine it never is.
    const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    const { Body } = await new S3Client({}).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    if (!(Body instanceof Readable)) throw new Error('S3 answered without a body');
    return Body;
  });
}

/** A data set whose bytes come from a stream that can be opened again. */
export function dataset(name: string, open: () => Promise<Readable>): Dataset {
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      yield* unpacked(name, await open());
    } catch (error) {
      throw new UnreadableDatasetError(name, error);
    }
  }
  return { name, fileName: basename(name), read };
}

function unpacked(name: string, stream: Readable): Readable {
  if (!name.endsWith('.gz')) return stream;
  // The pipeline hands an error on either side to the reader of the result, who throws it.
  return pipeline(stream, createGunzip({ chunkSize: CHUNK_BYTES }), () => {});
}
