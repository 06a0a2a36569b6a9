/** The LocalStack part of `npm run deploy:local`. Loaded only then, because it loads the CDK. */
import {
  deployToLocalStack,
  type LocalDeployment,
  type LocalStackAccess,
  uploadToLocalStack,
} from '../aws/localstack/deploy.ts';
import type { HostLog } from '../lambda-host/log.ts';
import type { ServerAddresses } from './servers/addresses.ts';

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
): Promise<unknown> {
  return uploadToLocalStack(accessOf(addresses), bucket, dataset);
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
