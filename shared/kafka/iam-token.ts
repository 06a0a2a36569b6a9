/** The token that identifies a client of MSK by its IAM role. */
import { type Credentials, presign } from '../aws/presign.ts';

const USER_AGENT = 'retail-time-machine';

/**
 * Signs a `kafka-cluster:Connect` request, in the format of aws-msk-iam-sasl-signer-js.
 *
 * @param now When the token's 15 minutes start.
 * @returns A token for SASL/OAUTHBEARER: the signed URL in base64url.
 */
export async function mskIamToken(region: string, credentials: Credentials, now: Date): Promise<string> {
  const request = {
    service: 'kafka-cluster',
    region,
    credentials,
    host: `kafka.${region}.amazonaws.com`,
    query: { Action: 'kafka-cluster:Connect' },
    now,
  };
  const url = `https://${await presign(request, { 'User-Agent': USER_AGENT })}`;
  return Buffer.from(url).toString('base64url');
}
