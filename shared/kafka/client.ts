/**
 * The only module that knows the Kafka client library, so that it can be exchanged: kafkajs has had no release since 2023
 * (docs/decisions).
 */
import './idle-timer-fix.ts';
import { Kafka, type KafkaConfig, logLevel } from 'kafkajs';
import type { Logger } from '../observability/logger.ts';
import type { KafkaSettings } from '../settings.ts';
import { credentialSettings, readSettings } from '../settings.ts';
import { mskIamToken } from './iam-token.ts';

/** A failed request is tried again within about 3 s; whoever called decides what comes after. */
const RETRY = { retries: 5, initialRetryTime: 100, maxRetryTime: 1_000 } as const;

/** Opens nothing yet: the returned client connects when a producer, consumer or admin of it does. */
export function kafkaClient(settings: KafkaSettings, clientId: string, log: Logger): Kafka {
  const config: KafkaConfig = {
    clientId,
    brokers: settings.KAFKA_BROKERS,
    ...(settings.KAFKA_AUTH === 'iam' ? iamAuthentication() : {}),
    connectionTimeout: 2_000,
    requestTimeout: 10_000,
    retry: RETRY,
    logLevel: logLevel.WARN,
    logCreator: () => (entry) => report(entry, log),
  };
  return new Kafka(config);
}

/** A token of its own for every connection, and again when MSK asks for one. */
function iamAuthentication(): Pick<KafkaConfig, 'ssl' | 'sasl'> {
  return {
    ssl: true,
    sasl: { mechanism: 'oauthbearer', oauthBearerProvider: async () => ({ value: await ownToken() }) },
  };
}

/** Read anew each time: Lambda may change a function's credentials. */
function ownToken(): Promise<string> {
  const { AWS_REGION, ...keys } = readSettings(credentialSettings);
  const credentials = {
    accessKeyId: keys.AWS_ACCESS_KEY_ID,
    secretAccessKey: keys.AWS_SECRET_ACCESS_KEY,
    sessionToken: keys.AWS_SESSION_TOKEN,
  };
  return mskIamToken(AWS_REGION, credentials, new Date());
}

/** The library logs each failed attempt as an error; to us it is one only if it reaches the caller. */
function report({ namespace, log: { message, error, ...rest } }: LogEntry, log: Logger): void {
  log.debug(`kafkajs ${namespace}: ${message}`, { cause: error, broker: rest.broker });
}

type LogEntry = Parameters<ReturnType<NonNullable<KafkaConfig['logCreator']>>>[0];
