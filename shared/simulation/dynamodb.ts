import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { boundedHandler } from '../aws/bounded-handler.ts';
import { certainlyUnchanged } from './store-errors.ts';

/**
 * A store that doesn't answer must not hold a request for longer than its caller waits. From 2 s on the SDK looks at the
 * socket again before it gives a connection up; below that, a process that stood still for as long loses one that stands.
 */
const BOUNDS = {
  connectionTimeout: 2_000,
  requestTimeout: 3_000,
};

const MAX_ATTEMPTS = 3;
/** Fewer, so that the last one ends before its caller is answered: nothing may be sent after a click was called unknown. */
const MAX_CLICK_ATTEMPTS = 2;

/**
 * A client that sends a request up to three times: for reads, and for writes that may happen twice without harm.
 * Region, credentials and address come from the SDK's own settings.
 */
export function retryingClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  return documentClient({ maxAttempts: MAX_ATTEMPTS, ...config });
}

/**
 * A client for an increment: it sends a request again only if the attempt certainly changed nothing, once. An
 * increment whose answer was lost must not be sent again.
 */
export function nonIdempotentClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  return documentClient({ retryStrategy: retryIfUnchanged(), ...config });
}

type RetryStrategy = Pick<
  StandardRetryStrategy,
  'acquireInitialRetryToken' | 'refreshRetryTokenForRetry' | 'recordSuccess'
>;

function retryIfUnchanged(): RetryStrategy {
  const standard = new StandardRetryStrategy(MAX_CLICK_ATTEMPTS);
  return {
    acquireInitialRetryToken: (scope) => standard.acquireInitialRetryToken(scope),
    recordSuccess: (token) => standard.recordSuccess(token),
    refreshRetryTokenForRetry: async (token, failure) => {
      if (!certainlyUnchanged(failure.error)) throw failure.error;
      return standard.refreshRetryTokenForRetry(token, failure);
    },
  };
}

function documentClient(config: DynamoDBClientConfig): DynamoDBDocumentClient {
  const client = new DynamoDBClient({ requestHandler: boundedHandler(BOUNDS), ...config });
  return DynamoDBDocumentClient.from(client, { marshallOptions: { removeUndefinedValues: true } });
}
