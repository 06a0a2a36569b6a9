import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { HeadObjectCommand, NotFound, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { chooseDataset } from '../local/dataset.ts';
import { DATASET_PREFIX } from './stacks/data-stack.ts';
import { PROJECT } from './stacks/system-stack.ts';

const gzipped = promisify(gzip);

export interface UploadOptions {
  /** Where the stage is deployed. The environment may name another region, or a profile another account. */
  readonly to: Pick<Outputs, 'bucket' | 'region' | 'account'>;
  /** The file from the command line; null to choose one as the local start does. */
  readonly asked: string | null;
  /** The project's folder. */
  readonly root: string;
  readonly say: (line: string) => void;
}

/** Uploads a data set, compressed, unless the bucket already contains it. Its arrival starts the ETL. */
export async function uploadDataset({ to, asked, root, say }: UploadOptions): Promise<void> {
  const file = await chooseDataset(asked, {
    raw: path.join(root, 'data/raw'),
    generated: path.join(root, '.local/dataset'),
    generator: path.join(root, 'data/generator'),
  });
  const { bucket, region, account } = to;
  const s3 = new S3Client({ region });
  const { key, isNew } = await putDataset(s3, bucket, file, account);
  say(
    isNew
      ? `Uploaded ${file} to s3://${bucket}/${key}. The ETL is loading it; its log reports the result.`
      : `The data set is already in the bucket: s3://${bucket}/${key}`,
  );
}

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

/** Outputs of a deployment's stacks. */
export interface Outputs {
  /** The bucket for data sets. */
  readonly bucket: string;
  /** `https://…`, without a trailing slash. */
  readonly url: string;
  /** ARN of the secret with the API token. */
  readonly apiTokenSecret: string;
  readonly region: string;
  readonly account: string;
}

const outputsFile = z.record(z.string(), z.unknown());
const dataOutputs = z.object({ BucketName: z.string() });
/** `arn:<partition>:secretsmanager:<region>:<account>:secret:…` */
const ARN = /^arn:[\w-]+:secretsmanager:([\w-]+):(\d{12}):/;
const storageOutputs = z.object({ ApiTokenSecret: z.string().regex(ARN) });
const edgeOutputs = z.object({ Url: z.url() });

/**
 * Reads what `cdk deploy --outputs-file` wrote.
 *
 * @throws Error if the stage was not deployed from this checkout.
 */
export async function outputsOf(stage: string, file: string): Promise<Outputs> {
  try {
    const stacks = outputsFile.parse(JSON.parse(await readFile(file, 'utf8')));
    const { BucketName: bucket } = dataOutputs.parse(stacks[`${PROJECT}-${stage}-data`]);
    const { Url: url } = edgeOutputs.parse(stacks[`${PROJECT}-${stage}-edge`]);
    const { ApiTokenSecret: apiTokenSecret } = storageOutputs.parse(stacks[`${PROJECT}-${stage}-storage`]);
    const [, region = '', account = ''] = ARN.exec(apiTokenSecret) ?? [];
    return { bucket, url, apiTokenSecret, region, account };
  } catch (cause) {
    throw new Error(
      `${file} doesn't contain the outputs of the stage ${stage}: run npm run deploy -- --stage ${stage}.`,
      {
        cause,
      },
    );
  }
}
