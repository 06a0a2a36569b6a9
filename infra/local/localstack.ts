/** The LocalStack part of `npm run deploy:local`. The CDK runs as a command, which loads the stack of `infra/aws/localstack/`. */
import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { S3Client } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { DatasetSettings } from '../../shared/dataset/settings.ts';
import { putDataset } from '../dataset-upload.ts';
import type { HostLog } from '../lambda-host/log.ts';
import type { ServerAddresses } from './servers/addresses.ts';
import { runProgram } from './servers/program.ts';
import { SetupError } from './servers/setup-error.ts';

/** Deploys with the CDK to LocalStack, and logs how to read the token. */
export async function deployLocally(
  addresses: ServerAddresses,
  folder: string,
  log: HostLog,
  signal: AbortSignal,
): Promise<LocalDeployment> {
  log.write('INFO', 'The CDK deploys table, bucket and token to LocalStack.');
  const deployed = await deployToLocalStack(accessOf(addresses), folder, signal);
  const secret = `--secret-id ${deployed.apiTokenSecret} --query SecretString --output text`;
  const read = `aws --endpoint-url ${addresses.dynamodbEndpoint} secretsmanager get-secret-value ${secret}`;
  log.write('INFO', `The API token: ${read}`);
  return deployed;
}

/** Uploads the data set to the deployed bucket. @returns the event with which the ETL is invoked for it. */
export function uploadLocally(
  addresses: ServerAddresses,
  { bucket }: LocalDeployment,
  dataset: string,
  settings: DatasetSettings,
): Promise<unknown> {
  return uploadToLocalStack(accessOf(addresses), bucket, dataset, settings);
}

/** LocalStack serves all of AWS at the address of its DynamoDB. */
function accessOf(addresses: ServerAddresses): LocalStackAccess {
  return {
    endpoint: addresses.dynamodbEndpoint,
    region: addresses.region,
    accessKeyId: addresses.dynamodbAccessKeyId,
    secretAccessKey: addresses.dynamodbSecretAccessKey,
  };
}

/** What was deployed to LocalStack, for the functions in the local host. */
export interface LocalDeployment {
  readonly table: string;
  readonly bucket: string;
  /** ARN of the secret with the API token. */
  readonly apiTokenSecret: string;
}

/** Name of the stack of `infra/aws/localstack/`. */
export const LOCALSTACK_STACK = 'rtm-localstack';

const PROJECT = fileURLToPath(new URL('../..', import.meta.url));
const outputsFile = z.object({
  [LOCALSTACK_STACK]: z.object({
    TableName: z.string(),
    BucketName: z.string(),
    ApiTokenSecret: z.string().startsWith('arn:'),
  }),
});

interface LocalStackAccess {
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
async function deployToLocalStack(
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
  const { [LOCALSTACK_STACK]: deployed } = outputsFile.parse(JSON.parse(await readFile(outputs, 'utf8')));
  return { table: deployed.TableName, bucket: deployed.BucketName, apiTokenSecret: deployed.ApiTokenSecret };
}

/**
 * Uploads a data set to the deployed bucket.
 *
 * @returns The event with which EventBridge would invoke the ETL.
 */
async function uploadToLocalStack(
  access: LocalStackAccess,
  bucket: string,
  file: string,
  settings: DatasetSettings,
): Promise<unknown> {
  const { endpoint, region, ...credentials } = access;
  const s3 = new S3Client({ endpoint, region, credentials, forcePathStyle: true });
  try {
    const { key } = await putDataset(s3, bucket, file, { settings });
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
