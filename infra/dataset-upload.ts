/** How a data set gets into the bucket of a stage or of LocalStack. */
import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { HeadObjectCommand, NotFound, PutObjectCommand, type S3Client } from '@aws-sdk/client-s3';

/** Data sets are uploaded as `<prefix><name>.csv` or `.csv.gz`. */
export const DATASET_PREFIX = 'data-sets/';

const gzipped = promisify(gzip);

/** Uploads a file, compressed, unless the bucket already contains it. @param account Must own the bucket, if given. */
export async function putDataset(
  s3: S3Client,
  bucket: string,
  file: string,
  account?: string,
): Promise<{ readonly key: string; readonly isNew: boolean }> {
  const packed = await pack(file);
  const key = objectKey(file, packed);
  const target = { Bucket: bucket, Key: key, ...(account ? { ExpectedBucketOwner: account } : {}) };
  if (await exists(s3, target)) return { key, isNew: false };
  await s3.send(new PutObjectCommand({ ...target, Body: packed, ContentType: 'application/gzip' }));
  return { key, isNew: true };
}

async function pack(file: string): Promise<Buffer> {
  const bytes = await readFile(file);
  return /\.gz$/i.test(file) ? bytes : gzipped(bytes);
}

/** Derived from the content, so the same data set is not uploaded, and the ETL not started, again. */
function objectKey(file: string, packed: Buffer): string {
  const hash = createHash('sha256').update(packed).digest('hex').slice(0, 12);
  const name = path.basename(file).replace(/\.csv(\.gz)?$/i, '');
  return `${DATASET_PREFIX}${name}-${hash}.csv.gz`;
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
