/** Secrets Manager: where passwords and tokens are on AWS. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** Gives a secret's current text. @throws if Secrets Manager doesn't answer or refuses. */
export type ReadSecret = () => Promise<string>;

/** Secrets Manager answers within some ten milliseconds; who waits for a request waits no longer than this. */
const BOUNDS = { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true } as const;

let client: Promise<SecretsManagerClient> | undefined;

/** Reads a secret anew each time it is called. */
export function secretReader(secretArn: string): ReadSecret {
  return async () => {
    // Loaded where it is needed: on one machine it never is.
    const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
    client ??= connect();
    const { SecretString } = await (await client).send(new GetSecretValueCommand({ SecretId: secretArn }));
    if (SecretString === undefined) throw new Error(`The secret ${secretArn} holds no text.`);
    return SecretString;
  };
}

async function connect(): Promise<SecretsManagerClient> {
  const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  return new SecretsManagerClient({ requestHandler: BOUNDS });
}

/**
 * Remembers what was read for some time, so that a secret that was changed takes effect within that time and is yet not
 * read for every request. Calls at the same time share one reading; a failed one is not remembered.
 *
 * @param now Milliseconds of a monotonic clock.
 */
export function rememberedFor(milliseconds: number, read: ReadSecret, now: () => number): ReadSecret {
  let reading: Promise<string> | undefined;
  let readAt = Number.NEGATIVE_INFINITY;
  return () => {
    if (reading && now() - readAt < milliseconds) return reading;
    readAt = now();
    const started = read();
    reading = started;
    started.catch(() => {
      if (reading === started) reading = undefined;
    });
    return started;
  };
}
