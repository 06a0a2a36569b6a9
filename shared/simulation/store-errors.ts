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

/** The SDK has neither a name nor a code of its own for it (`test/unit/click-attempts.test.ts` holds the words). */
const NEVER_CONNECTED = /did not establish a connection/;

/** Whether a failed call certainly changed nothing: the server refused it, or it was never sent. */
export function certainlyUnchanged(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const code = 'code' in error ? String(error.code) : '';
  if (error.name === 'TimeoutError' && NEVER_CONNECTED.test(error.message)) return true;
  return REFUSED_UNCHANGED.has(error.name) || REFUSED_UNCHANGED.has(code);
}
