import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { boundedHandler } from '../aws/bounded-handler.ts';

/**
 * Timeouts in ms, shorter than callers wait. From 2 s on the SDK checks the socket again before it gives up on a connection;
 * with less, a process that was suspended for that long would drop a healthy connection.
 */
const BOUNDS = {
  connectionTimeout: 2_000,
  requestTimeout: 3_000,
};

const MAX_ATTEMPTS = 3;
/** Fewer, so that the last attempt ends before the caller gets its response: nothing may be sent after an outcome was reported as unknown. */
const MAX_INCREMENT_ATTEMPTS = 2;

/**
 * A client that sends a request up to three times: for reads and idempotent writes.
 * Region, credentials and endpoint come from the SDK's own settings.
 */
export function retryingClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  return documentClient({ maxAttempts: MAX_ATTEMPTS, ...config });
}

/**
 * A client for increments: it retries once, and only if the first attempt certainly changed nothing. An increment whose
 * response was lost must not be sent again.
 */
export function nonIdempotentClient(config: DynamoDBClientConfig = {}): DynamoDBDocumentClient {
  return documentClient({ retryStrategy: retryIfUnchanged(), ...config });
}

type RetryStrategy = Pick<
  StandardRetryStrategy,
  'acquireInitialRetryToken' | 'refreshRetryTokenForRetry' | 'recordSuccess'
>;

function retryIfUnchanged(): RetryStrategy {
  const standard = new StandardRetryStrategy(MAX_INCREMENT_ATTEMPTS);
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

/**
 * The response to a change was lost, so it may or may not have happened. Sending it again could apply it twice; the caller has
 * to read the state instead.
 */
export class OutcomeUnknownError extends Error {
  readonly retriable = false;

  constructor(change: string, cause: unknown) {
    super(`The answer to "${change}" was lost; read the simulation's status to see whether it happened.`, {
      cause,
    });
    this.name = 'OutcomeUnknownError';
  }
}

/** Other callers kept replacing the run that this one tried to replace. */
export class RunContentionError extends Error {
  readonly retriable = true;

  constructor() {
    super('The simulation was initialized by several callers at the same moment; try again.');
    this.name = 'RunContentionError';
  }
}

/** Errors by which the server refuses a request before it changes anything. */
const REFUSED_UNCHANGED = new Set([
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'TransactionConflictException',
  'ResourceNotFoundException',
  'ValidationException',
  'AccessDeniedException',
  'UnrecognizedClientException',
  'ECONNREFUSED',
  'ENOTFOUND',
]);

/** The SDK has neither a name nor a code for this error; `test/unit/shared/simulation/advance.test.ts` checks the wording. */
const NEVER_CONNECTED = /did not establish a connection/;

/** Whether a failed call certainly changed nothing: it was refused, or never sent. */
export function certainlyUnchanged(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (error.name === 'TimeoutError' && NEVER_CONNECTED.test(error.message)) return true;
  return REFUSED_UNCHANGED.has(error.name) || REFUSED_UNCHANGED.has(code);
}
