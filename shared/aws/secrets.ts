/** Reads passwords and tokens from Secrets Manager. */
import type { SecretsManagerClient } from '@aws-sdk/client-secrets-manager';

/** Reads a secret's current text. @throws if Secrets Manager doesn't respond or refuses. */
export type ReadSecret = () => Promise<string>;

/** Timeouts in ms: Secrets Manager responds within tens of milliseconds, and a request may be waiting for it. */
const BOUNDS = { connectionTimeout: 2_000, requestTimeout: 3_000, throwOnRequestTimeout: true } as const;

let client: Promise<SecretsManagerClient> | undefined;

/** @returns A function that reads a secret each time it is called. It throws if the secret has no text, and the SDK's errors. */
export function secretReader(secretArn: string): ReadSecret {
  return async () => {
    // Imported on demand: never on one machine.
    const { GetSecretValueCommand } = await import('@aws-sdk/client-secrets-manager');
    client ??= connect();
    const { SecretString } = await (await client).send(new GetSecretValueCommand({ SecretId: secretArn }));
    if (SecretString === undefined) throw new Error(`The secret ${secretArn} has no text.`);
    return SecretString;
  };
}

async function connect(): Promise<SecretsManagerClient> {
  const { SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  return new SecretsManagerClient({ requestHandler: BOUNDS });
}

/**
 * Caches a secret for some time, so that a change takes effect within that time without a read for every request.
 * Concurrent calls share one read; failures are not cached.
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
