/** What `npm run deploy:local` does beyond a start. Loaded only then: it brings the CDK along. */
import {
  deployToLocalStack,
  type LocalDeployment,
  type LocalStackAccess,
  uploadToLocalStack,
} from '../aws/localstack/deploy.ts';
import type { HostLog } from '../lambda-host/log.ts';
import type { ServerAddresses } from './servers/addresses.ts';

/** Lets the CDK deploy to the LocalStack that the addresses name, and says where the token is. */
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
  log.write('INFO', `The token of what changes the simulation: ${read}`);
  return deployed;
}

/** Puts the data set into the deployed bucket. @returns the event with which the ETL is invoked for it. */
export function uploadLocally(
  addresses: ServerAddresses,
  { bucket }: LocalDeployment,
  dataset: string,
): Promise<unknown> {
  return uploadToLocalStack(accessOf(addresses), bucket, dataset);
}

/** LocalStack answers for all of AWS at the address at which its DynamoDB answers. */
function accessOf(addresses: ServerAddresses): LocalStackAccess {
  return {
    endpoint: addresses.dynamodbEndpoint,
    region: addresses.region,
    accessKeyId: addresses.dynamodbAccessKeyId,
    secretAccessKey: addresses.dynamodbSecretAccessKey,
  };
}
