import type { FunctionError, HandlerResult } from './protocol.ts';

/** The outcome of one invocation of a buffered function. */
export interface InvocationResult extends HandlerResult {
  readonly requestId: string;
  /** Null if the handler answered. */
  readonly error: FunctionError | null;
}

/** The result of a handler that returned. */
export function answered(requestId: string, { payload, body }: HandlerResult): InvocationResult {
  return { requestId, payload, body, error: null };
}

/** The result of an invocation that failed; its payload is the JSON of the error. */
export function failed(requestId: string, error: FunctionError): InvocationResult {
  return { requestId, payload: JSON.stringify(error), body: null, error };
}

/** Describes a thrown value as Lambda does. */
export function functionErrorOf(thrown: unknown): FunctionError {
  if (!(thrown instanceof Error)) return { errorType: typeof thrown, errorMessage: String(thrown) };
  return {
    errorType: thrown.name,
    errorMessage: thrown.message,
    trace: (thrown.stack ?? '').split('\n'),
  };
}

/**
 * The error of an invocation that exceeded the function's timeout.
 *
 * @param timeoutSeconds The function's timeout.
 */
export function timedOut(requestId: string, timeoutSeconds: number): FunctionError {
  return {
    errorType: 'Sandbox.Timedout',
    errorMessage: `RequestId: ${requestId} Error: Task timed out after ${timeoutSeconds.toFixed(2)} seconds`,
  };
}

/** The worker ended during the invocation. */
export function exited(requestId: string, reason: string): FunctionError {
  return {
    errorType: 'Runtime.ExitError',
    errorMessage: `RequestId: ${requestId} Error: Runtime exited with error: ${reason}`,
  };
}

/** Lambda's limit for a buffered response: 6 MB and its envelope. */
export const MAX_RESPONSE_BYTES = 6_291_556;

/** The response exceeds Lambda's limit. */
export function responseTooLarge(): FunctionError {
  return {
    errorType: 'Function.ResponseSizeTooLarge',
    errorMessage: `Response payload size exceeded maximum allowed payload size (${MAX_RESPONSE_BYTES} bytes).`,
  };
}

/** All workers are busy and the queue is full, like a function without free concurrency. */
export function throttled(): FunctionError {
  return { errorType: 'TooManyRequestsException', errorMessage: 'Rate Exceeded.' };
}

/** The host is being stopped. */
export function hostStopping(): FunctionError {
  return { errorType: 'ServiceException', errorMessage: 'The host is being stopped.' };
}

/** One line for a log. */
export function describeError({ errorType, errorMessage }: FunctionError): string {
  return `${errorType}: ${errorMessage}`;
}
