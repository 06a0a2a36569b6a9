/** Signed requests that are never sent: MSK and RDS take their text as a password. */
import { buildQueryString } from '@smithy/core/protocols';
import { Hash } from '@smithy/core/serde';
import { SignatureV4 } from '@smithy/signature-v4';
import { credentialSettings, readSettings } from '../settings.ts';

/** Credentials as a function's environment provides them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface PresignedRequest {
  readonly service: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** `name` or `name:port`. */
  readonly host: string;
  readonly query: Readonly<Record<string, string>>;
  /** When the token's 15 minutes start. */
  readonly now: Date;
}

/** The longest lifetime that MSK and RDS accept. */
const EXPIRES_SECONDS = 900;

/** Signs a GET request of `/` with Signature Version 4. @returns `<host>/?<query with the signature>`. */
export async function presign(
  request: PresignedRequest,
  unsigned: Record<string, string> = {},
): Promise<string> {
  const { service, region, host, now } = request;
  const { accessKeyId, secretAccessKey, sessionToken } = request.credentials;
  const signer = new SignatureV4({
    service,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
    sha256: Hash.bind(null, 'sha256'),
    applyChecksum: false,
  });
  const { query } = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      path: '/',
      headers: { host },
      query: { ...request.query },
    },
    { signingDate: now, expiresIn: EXPIRES_SECONDS },
  );
  return `${host}/?${buildQueryString({ ...query, ...unsigned })}`;
}

/** The region and credentials of the function's role. Read for every token, because Lambda may change them. */
export function ownCredentials(): Pick<PresignedRequest, 'region' | 'credentials'> {
  const { AWS_REGION, ...keys } = readSettings(credentialSettings);
  const credentials = {
    accessKeyId: keys.AWS_ACCESS_KEY_ID,
    secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
    sessionToken: keys.AWS_SESSION_TOKEN,
  };
  return { region: AWS_REGION, credentials };
}
