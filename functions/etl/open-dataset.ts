import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { UnreadableDatasetError } from './dataset-errors.ts';
import type { DatasetSource } from './etl-event.ts';

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
