/** The token that identifies a client of MSK by its IAM role. */
import { buildQueryString } from '@smithy/core/protocols';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';

/** Credentials as a function's environment provides them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

/** The longest lifetime that MSK accepts. */
const EXPIRES_SECONDS = 900;
const USER_AGENT = 'retail-time-machine';

/**
 * Signs a `kafka-cluster:Connect` request, which is never sent, in the format of aws-msk-iam-sasl-signer-js.
 *
 * @param now When the token's 15 minutes start.
 * @returns A token for SASL/OAUTHBEARER: the signed URL in base64url.
 */
export async function mskIamToken(region: string, credentials: Credentials, now: Date): Promise<string> {
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  const signer = new SignatureV4({
    service: 'kafka-cluster',
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
    sha256: Hash.bind(null, 'sha256'),
    applyChecksum: false,
  });
  const hostname = `kafka.${region}.amazonaws.com`;
  const request = {
    method: 'GET',
    protocol: 'https:',
    hostname,
    path: '/',
    headers: { host: hostname },
    query: { Action: 'kafka-cluster:Connect' },
  };
  const { query } = await signer.presign(request, { signingDate: now, expiresIn: EXPIRES_SECONDS });
  const url = `https://${hostname}/?${buildQueryString({ ...query, 'User-Agent': USER_AGENT })}`;
  return Buffer.from(url).toString('base64url');
}
