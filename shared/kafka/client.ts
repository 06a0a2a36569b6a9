/** Creates clients of kafkajs, which only shared/kafka and the local event source import (docs/decisions/dependencies.md). */
import './idle-timer-fix.ts';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import { type Credentials, ownCredentials, presign } from '../aws/presign.ts';
import type { Logger } from '../observability/logger.ts';
import { type KafkaSettings, SettingsError } from '../settings.ts';

/** Retries a failed request for about 3 s; callers decide what happens after that. */
const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 } as const;

/** Creates a client. It opens no connection; its producers, consumers and admins do. */
export function kafkaClient(settings: KafkaSettings, clientId: string, log: Logger): Kafka {
  const config: KafkaConfig = {
    clientId,
    brokers: settings.KAFKA_BROKERS,
    ...authentication(settings),
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => logEntry(entry, log),
  };
  return new Kafka(config);
}

/** @throws SettingsError if name or password is missing. */
function authentication(settings: KafkaSettings): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  switch (settings.KAFKA_AUTH) {
    case 'iam':
      return iamAuthentication();
    case 'scram':
      return { sasl: { mechanism: 'scram-sha-512', ...scramCredentials(settings) } };
    default:
      return {};
  }
}

function scramCredentials({ KAFKA_USER: username, KAFKA_PASSWORD: password }: KafkaSettings) {
  if (username && password) return { username, password };
  throw new SettingsError(['KAFKA_USER and KAFKA_PASSWORD (required by KAFKA_AUTH=scram)']);
}

/** Creates a new token for every connection, and again when MSK requests one. */
function iamAuthentication(): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return {
    ssl: true,
    sasl: { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await ownToken() }) },
  };
}

function ownToken(): Promise<string> {
  const { region, credentials } = ownCredentials();
  return mskIamToken(region, credentials, new Date());
}

/** Logs at level debug, because kafkajs reports each failed attempt as an error, even if a retry succeeds. */
function logEntry({ namespace, log: { message, error, ...rest } }: LogEntry, log: Logger): void {
  log.debug(`kafkajs ${namespace}: ${message}`, { cause: error, broker: rest.broker });
}

type LogEntry = Parameters<ReturnType<NonNullable<KafkaConfig['logCreator']>>>[0];

/** The token that identifies a client of MSK by its IAM role. */

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
