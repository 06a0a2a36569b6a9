import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import { runProgram } from '../../local/servers/program.ts';
import { SetupError } from '../../local/servers/setup-error.ts';
import { putDataset } from '../upload.ts';
import { LOCALSTACK_STACK } from './stack.ts';

/** What was deployed to LocalStack, for the functions in the local host. */
export interface LocalDeployment {
  readonly table: string;
  readonly bucket: string;
  /** ARN of the secret with the API token. */
  readonly apiTokenSecret: string;
}

const PROJECT = fileURLToPath(new URL('../../..', import.meta.url));
const outputsFile = z.object({
  [LOCALSTACK_STACK]: z.object({
    TableName: z.string(),
    BucketName: z.string(),
    ApiTokenSecret: z.string().startsWith('arn:'),
  }),
});

export interface LocalStackAccess {
  readonly endpoint: string;
  readonly region: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}

/**
 * Deploys the stack to a running LocalStack with the CDK's command line.
 *
 * @param folder For the synthesised template and the outputs.
 * @throws SetupError with the last output of the CDK.
 */
export async function deployToLocalStack(
  access: LocalStackAccess,
  folder: string,
  signal: AbortSignal,
): Promise<LocalDeployment> {
  await mkdir(folder, { recursive: true });
  const outputs = path.join(folder, 'outputs.json');
  const app = ['--app', 'node infra/aws/localstack/main.ts', '--output', path.join(folder, 'cdk.out')];
  const args = ['deploy', LOCALSTACK_STACK, ...app, '--outputs-file', outputs, '--require-approval', 'never'];
  const { ok, output } = await runProgram('cdk', [...args, '--progress', 'events', '--no-notices'], {
    cwd: PROJECT,
    env: environmentOf(access),
    signal,
  });
  signal.throwIfAborted();
  if (!ok) throw new SetupError(`The CDK could not deploy to LocalStack: ${output.slice(-1_000)}`);
  const { [LOCALSTACK_STACK]: told } = outputsFile.parse(JSON.parse(await readFile(outputs, 'utf8')));
  return { table: told.TableName, bucket: told.BucketName, apiTokenSecret: told.ApiTokenSecret };
}

/**
 * Uploads a data set to the deployed bucket.
 *
 * @returns The event with which EventBridge would invoke the ETL.
 */
export async function uploadToLocalStack(
  access: LocalStackAccess,
  bucket: string,
  file: string,
): Promise<unknown> {
  const { endpoint, region, ...credentials } = access;
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    const { key } = await putDataset(s3, bucket, file);
    return { 'detail-type': 'Object Created', detail: { bucket: { name: bucket }, object: { key } } };
  } finally {
    s3.destroy();
  }
}

/** Everything AWS clients read, so that they never use the developer's own account. */
function environmentOf({ endpoint, region, accessKeyId, secretAccessKey }: LocalStackAccess) {
  return {
    AWS_ENDPOINT_URL: endpoint,
    AWS_REGION: region,
    AWS_DEFAULT_REGION: region,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    AWS_SESSION_TOKEN: '',
    AWS_PROFILE: '',
    AWS_EC2_METADATA_DISABLED: 'true',
  };
}
