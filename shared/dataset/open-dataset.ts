import { createReadStream } from 'node:fs';
import { basename } from 'node:path';
import { Readable } from 'node:stream';
import * as z from 'zod';
import { unpacked } from './containers.ts';
import { UnreadableDatasetError } from './errors.ts';
import { type DatasetSettings, datasetSettingsSchema } from './settings.ts';

/** Location of a data set. */
type DatasetSource =
  | { readonly kind: 'file'; readonly path: string; readonly settings?: DatasetSettings | undefined }
  | { readonly kind: 's3'; readonly bucket: string; readonly key: string };

const fileEvent = z
  .object({ file: z.string().min(1), settings: datasetSettingsSchema.optional() })
  .transform(({ file, settings }): DatasetSource => {
    return { kind: 'file', path: file, ...(settings === undefined ? {} : { settings }) };
  });

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

/** The ETL's events: `{"file": "<path>", "settings": {…}}`, or an object created in S3. */
export const etlEventSchema = z.union([fileEvent, objectCreated], {
  error: 'The ETL takes {"file": "<path of a CSV>"} or an "Object Created" event of S3',
});

/** A file that can be read repeatedly from its beginning. */
export interface Dataset {
  /** For messages: a path or an S3 URI. */
  readonly name: string;
  /** The last part of the name, for the record in the database. */
  readonly fileName: string;
  /** The CSV's bytes, unpacked if they are a gzip file or a ZIP archive. @throws UnreadableDatasetError */
  read(): AsyncGenerator<Uint8Array>;
  /** How it is to be read. @throws UnreadableDatasetError */
  settings(): Promise<DatasetSettings>;
}

/** The metadata of an object in S3 that holds the settings, as JSON in base64. */
export const SETTINGS_METADATA = 'data-set-settings';

const CHUNK_BYTES = 64 * 1024;

/** Opens a data set on disk or in S3; nothing is read yet. */
export function openDataset(source: DatasetSource): Dataset {
  return source.kind === 'file' ? fileDataset(source.path, source.settings) : s3Dataset(source);
}

function fileDataset(path: string, settings: DatasetSettings = {}): Dataset {
  return dataset(
    path,
    async () => createReadStream(path, { highWaterMark: CHUNK_BYTES }),
    async () => settings,
  );
}

function s3Dataset({ bucket, key }: { bucket: string; key: string }): Dataset {
  // Imported on demand: never on one machine.
  const object = async () => {
    const { GetObjectCommand, S3Client } = await import('@aws-sdk/client-s3');
    return new S3Client({}).send(new GetObjectCommand({ Bucket: bucket, Key: key }));
  };
  const open = async () => {
    const { Body } = await object();
    if (!(Body instanceof Readable)) throw new Error('S3 responded without a body');
    return Body;
  };
  const settings = async () => {
    const { Body, Metadata } = await object();
    if (Body instanceof Readable) Body.destroy();
    return decodeSettings(Metadata?.[SETTINGS_METADATA]);
  };
  return dataset(`s3://${bucket}/${key}`, open, settings);
}

/** Settings as the metadata of an object, which must be ASCII. */
export function encodeSettings(settings: DatasetSettings): string {
  return Buffer.from(JSON.stringify(settings)).toString('base64');
}

function decodeSettings(text: string | undefined): DatasetSettings {
  if (text === undefined) return {};
  return datasetSettingsSchema.parse(JSON.parse(Buffer.from(text, 'base64').toString()));
}

/**
 * Creates a data set from a stream that can be opened repeatedly.
 *
 * @param open Opens the file's bytes, compressed or not.
 * @returns Its `read` and `settings` throw UnreadableDatasetError.
 */
export function dataset(
  name: string,
  open: () => Promise<Readable>,
  settings: () => Promise<DatasetSettings> = async () => ({}),
): Dataset {
  const attempt = async <Result>(work: () => Promise<Result>): Promise<Result> => {
    try {
      return await work();
    } catch (error) {
      throw new UnreadableDatasetError(name, error);
    }
  };
  async function* read(): AsyncGenerator<Uint8Array> {
    try {
      yield* unpacked(await open());
    } catch (error) {
      throw new UnreadableDatasetError(name, error);
    }
  }
  return { name, fileName: basename(name), read, settings: () => attempt(settings) };
}
