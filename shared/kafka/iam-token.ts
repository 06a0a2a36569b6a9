/**
 * The token by which MSK knows a client's role: a request `kafka-cluster:Connect`, signed but never sent, in base64url, as
 * aws-msk-iam-sasl-signer-js makes it (that library brings 500 KB for these lines). The signature is Signature Version 4 in
 * the query: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */
import { createHash, createHmac } from 'node:crypto';

/** Credentials as the environment of a function holds them. */
export interface Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

const SERVICE = 'kafka-cluster';
const ALGORITHM = 'AWS4-HMAC-SHA256';
/** The longest that MSK takes. */
const EXPIRES_SECONDS = 900;
const USER_AGENT = 'retail-time-machine';

/** A token for SASL/OAUTHBEARER, good for 15 minutes from the given time. */
export function mskIamToken(region: string, credentials: Credentials, now: Date): string {
  const host = `kafka.${region}.amazonaws.com`;
  const time = now.toISOString().replace(/[-:]|\.\d{3}/g, '');
  const scope = `${time.slice(0, 8)}/${region}/${SERVICE}/aws4_request`;
  const query = {
    Action: 'kafka-cluster:Connect',
    'X-Amz-Algorithm': ALGORITHM,
    'X-Amz-Credential': `${credentials.accessKeyId}/${scope}`,
    'X-Amz-Date': time,
    'X-Amz-Expires': String(EXPIRES_SECONDS),
    ...(credentials.sessionToken ? { 'X-Amz-Security-Token': credentials.sessionToken } : {}),
    'X-Amz-SignedHeaders': 'host',
  };
  const request = ['GET', '/', encodeQuery(query), `host:${host}\n`, 'host', sha256('')].join('\n');
  const text = [ALGORITHM, time, scope, sha256(request)].join('\n');
  const signature = hmac(signingKey(credentials.secretAccessKey, scope), text).toString('hex');
  const signed = encodeQuery({ ...query, 'X-Amz-Signature': signature, 'User-Agent': USER_AGENT });
  return Buffer.from(`https://${host}/?${signed}`).toString('base64url');
}

/** In the order of the names, with all but letters, digits and `-_.~` percent-encoded. */
function encodeQuery(query: Readonly<Record<string, string>>): string {
  const names = Object.keys(query).sort();
  return names.map((name) => `${name}=${encode(query[name] ?? '')}`).join('&');
}

function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

function signingKey(secretAccessKey: string, scope: string): Buffer {
  return scope
    .split('/')
    .reduce<Buffer>((key, part) => hmac(key, part), Buffer.from(`AWS4${secretAccessKey}`));
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}
