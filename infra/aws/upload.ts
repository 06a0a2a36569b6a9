import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { DatasetSettings } from '../../shared/dataset/settings.ts';
import { putDataset } from '../dataset-upload.ts';
import { chooseDataset } from '../local/dataset.ts';
import { PROJECT } from './system-stack.ts';

export interface UploadOptions {
  /** Where the stage is deployed. The environment may name another region, or a profile another account. */
  readonly to: Pick<Outputs, 'bucket' | 'region' | 'account'>;
  /** The file from the command line; null to choose one as the local start does. */
  readonly asked: string | null;
  /** How the ETL is to read it. */
  readonly settings?: DatasetSettings;
  /** The project's folder. */
  readonly root: string;
  readonly say: (line: string) => void;
}

/** Uploads a data set, compressed, unless the bucket already contains it. Its arrival starts the ETL. */
export async function uploadDataset({ to, asked, settings = {}, root, say }: UploadOptions): Promise<void> {
  const file = await chooseDataset(asked, {
    raw: path.join(root, 'data/raw'),
    generated: path.join(root, '.local/dataset'),
    generator: path.join(root, 'data/generator'),
  });
  const { bucket, region, account } = to;
  const s3 = new S3Client({ region });
  const { key, isNew } = await putDataset(s3, bucket, file, { account, settings });
  say(
    isNew
      ? `Uploaded ${file} to s3://${bucket}/${key}. The ETL is loading it; its log reports the result.`
      : `The data set is already in the bucket: s3://${bucket}/${key}`,
  );
}

/** Outputs of a deployment's stacks. */
export interface Outputs {
  /** The bucket for data sets. */
  readonly bucket: string;
  /** The bucket for the page's and the documentation's files. */
  readonly siteBucket: string;
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
const edgeOutputs = z.object({ Url: z.url(), SiteBucketName: z.string() });

/**
 * Reads what `cdk deploy --outputs-file` wrote.
 *
 * @throws Error if the stage was not deployed from this checkout.
 */
export async function outputsOf(stage: string, file: string): Promise<Outputs> {
  try {
    const stacks = outputsFile.parse(JSON.parse(await readFile(file, 'utf8')));
    const { BucketName: bucket } = dataOutputs.parse(stacks[`${PROJECT}-${stage}-data`]);
    const edge = edgeOutputs.parse(stacks[`${PROJECT}-${stage}-edge`]);
    const { ApiTokenSecret: apiTokenSecret } = storageOutputs.parse(stacks[`${PROJECT}-${stage}-storage`]);
    const [, region = '', account = ''] = ARN.exec(apiTokenSecret) ?? [];
    const { Url: url, SiteBucketName: siteBucket } = edge;
    return { bucket, siteBucket, url, apiTokenSecret, region, account };
  } catch (cause) {
    throw new Error(
      `${file} doesn't contain the outputs of the stage ${stage}: run npm run deploy -- --stage ${stage}.`,
      {
        cause,
      },
    );
  }
}
