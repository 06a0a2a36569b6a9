/** How a data set gets into the bucket of a stage or of LocalStack. */
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import { HeadObjectCommand, NotFound, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { encodeSettings, SETTINGS_METADATA } from '../shared/dataset/open-dataset.ts';
import type { DatasetSettings } from '../shared/dataset/settings.ts';
import { settingsFingerprint } from '../shared/dataset/settings.ts';

/** Data sets are uploaded as `<prefix><name>.csv` or `.csv.gz`. */
export const DATASET_PREFIX = 'data-sets/';

interface PutOptions {
  /** Must own the bucket, if given. */
  readonly account?: string;
  readonly settings?: DatasetSettings;
}

/** S3's limit for an object's own metadata. */
const MAX_METADATA_BYTES = 2_048;

/**
 * Uploads a file, compressed, unless the bucket already contains it. The settings travel in the object's metadata, so that they arrive
 * with it or not at all.
 *
 * @throws Error if the settings are longer than an object's metadata may be, or S3 refuses.
 */
export async function putDataset(
  s3: S3Client,
  bucket: string,
  file: string,
  { account, settings = {} }: PutOptions,
): Promise<{ readonly key: string; readonly isNew: boolean }> {
  const fingerprint = settingsFingerprint(settings);
  const metadata = fingerprint === null ? {} : { [SETTINGS_METADATA]: encodeSettings(settings) };
  if (JSON.stringify(metadata).length > MAX_METADATA_BYTES) {
    throw new Error(
      'The mapping is too long to travel with the file: S3 takes 2 KB. Shorten it, or start from a profile.',
    );
  }
  const folder = await mkdtemp(path.join(tmpdir(), 'upload-'));
  try {
    const packed = await pack(file, folder);
    const sha256 = await sha256Of(packed);
    const key = objectKey(file, sha256, fingerprint);
    const target = { Bucket: bucket, Key: key, ...(account ? { ExpectedBucketOwner: account } : {}) };
    if (await exists(s3, target)) return { key, isNew: false };
    // With a checksum at hand the SDK sends the stream as it is, not in chunks with a checksum at their end.
    const body = {
      Body: createReadStream(packed),
      ContentLength: (await stat(packed)).size,
      ChecksumSHA256: sha256.toString('base64'),
    };
    await s3.send(
      new PutObjectCommand({ ...target, ...body, ContentType: 'application/gzip', Metadata: metadata }),
    );
    return { key, isNew: true };
  } finally {
    await rm(folder, { recursive: true });
  }
}

/** @returns the path of the file, compressed in the folder unless it is packed already. */
async function pack(file: string, folder: string): Promise<string> {
  if (await isPacked(file)) return file;
  const packed = path.join(folder, 'packed.gz');
  await pipeline(createReadStream(file), createGzip(), createWriteStream(packed));
  return packed;
}

/** A gzip file or a ZIP archive, by the first bytes. */
async function isPacked(file: string): Promise<boolean> {
  const handle = await open(file);
  try {
    const { buffer } = await handle.read(Buffer.alloc(2), 0, 2, 0);
    return ['1f8b', '504b'].includes(buffer.toString('hex'));
  } finally {
    await handle.close();
  }
}

async function sha256Of(file: string): Promise<Buffer> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(file)) hash.update(chunk);
  return hash.digest();
}

/** Derived from content and settings, so the same data set is not uploaded, and the ETL not started, again. */
function objectKey(file: string, sha256: Buffer, fingerprint: string | null): string {
  const hash =
    fingerprint === null ? sha256 : createHash('sha256').update(sha256).update(fingerprint).digest();
  const name = path.basename(file).replace(/\.(csv|tsv|txt|zip)?(\.gz)?$/i, '');
  return `${DATASET_PREFIX}${name}-${hash.toString('hex').slice(0, 12)}.csv.gz`;
}

async function exists(s3: S3Client, target: { Bucket: string; Key: string }): Promise<boolean> {
  try {
    await s3.send(new HeadObjectCommand(target));
    return true;
  } catch (error) {
    if (error instanceof NotFound) return false;
    throw error;
  }
}
