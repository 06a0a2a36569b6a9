/** What the bundled functions find instead of AWS: the template's environment with local addresses, and a Secrets Manager. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import * as z from 'zod';

export const TOKEN = 'token-of-the-secret';

/** The local servers support neither TLS nor AWS identities, and no CloudFront is in front of the gateway. */
const NOT_HERE = { KAFKA_AUTH: 'none', MYSQL_AUTH: 'password', MYSQL_TLS: 'off', ORIGIN_SECRETS: '' };
/** Functions have short names, and the secrets' ARNs tell by which function they are handed out. */
const INVOKED = { MYSQL_PASSWORD_FUNCTION: 'password', API_TOKEN_FUNCTION: 'token' };
const SECRETS = { password: 'arn:local:password', token: 'arn:local:token' };

/** Each test has its own names of stores and functions. */
const OWN = new Set([
  'MYSQL_DATABASE',
  'MYSQL_USER',
  'FUNCTION_USERS',
  'FUNCTION_USERS_AUTH',
  'KAFKA_TOPIC',
  'KAFKA_CONSUMER_GROUP',
  'FEED_FUNCTION_NAME',
]);

/**
 * The plain-text variables of a template, with what can't exist on one machine replaced. The local host supplies those that the
 * template computes.
 *
 * @param name The function's name.
 * @param directory Where its bundle is.
 */
export function templateTexts(
  name: string,
  variables: Readonly<Record<string, unknown>>,
  directory: string,
): Record<string, string> {
  const secrets = { SECRET_ARN: `arn:local:${name}`, API_TOKEN_SECRET_ARN: SECRETS.token };
  const stoodIn = Object.entries({ ...NOT_HERE, ...INVOKED, ...secrets }).filter(
    ([each]) => each in variables,
  );
  const texts = Object.entries({ ...variables, ...Object.fromEntries(stoodIn) }).flatMap(([each, value]) =>
    typeof value === 'string' ? [[each, value.replace('/var/task', directory)] as const] : [],
  );
  return Object.fromEntries(texts.filter(([each]) => !OWN.has(each)));
}

export interface SecretsStandIn {
  /** For the SDK's `AWS_ENDPOINT_URL_SECRETS_MANAGER`. */
  readonly url: string;
  close(): void;
}

const getSecretValue = z.object({ SecretId: z.string() });

/** Answers `GetSecretValue` as Secrets Manager does. */
export async function startSecrets(mysqlPassword: string): Promise<SecretsStandIn> {
  const values: Record<string, string> = {
    [SECRETS.password]: JSON.stringify({ username: 'retail', password: mysqlPassword || 'unused' }),
    [SECRETS.token]: TOKEN,
  };
  const server: Server = createServer(async (request, response) => {
    const body = Buffer.concat(await request.toArray()).toString();
    const { SecretId } = getSecretValue.parse(JSON.parse(body));
    response.setHeader('content-type', 'application/x-amz-json-1.1');
    response.end(JSON.stringify({ ARN: SecretId, SecretString: values[SecretId] }));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, close: () => void server.close() };
}
