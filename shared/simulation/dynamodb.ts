import { DynamoDBClient, type DynamoDBClientConfig } from '@aws-sdk/client-dynamodb';
import { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { StandardRetryStrategy } from '@smithy/core/retry';
import { boundedHandler } from '../aws/bounded-handler.ts';

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
const MAX_INCREMENT_ATTEMPTS = 2;

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
 * The answer to a change was lost: it may or may not have happened. Sending it again could count twice, so the caller has
 * to look at the state instead.
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

/** The run a writer worked on was replaced again and again while it tried. */
export class RunContentionError extends Error {
  readonly retriable = true;

  constructor() {
    super('The simulation was initialized by several callers at the same moment; try again.');
    this.name = 'RunContentionError';
  }
}

/** Refusals that the server answers before it changes anything, so that nothing is unknown. */
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

/** The SDK has neither a name nor a code of its own for it (`test/unit/simulation/advance.test.ts` holds the words). */
const NEVER_CONNECTED = /did not establish a connection/;

/** Whether a failed call certainly changed nothing: the server refused it, or it was never sent. */
export function certainlyUnchanged(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (error.name === 'TimeoutError' && NEVER_CONNECTED.test(error.message)) return true;
  return REFUSED_UNCHANGED.has(error.name) || REFUSED_UNCHANGED.has(code);
}
