import { errorTable, HttpProblem } from '../api/errors.ts';
import { traceIdOf } from '../observability/trace.ts';
import { type LogWriter, type RequestLog, requestLogOf } from './request-log.ts';
import { type ApiEvent, type ApiResponse, type HttpMiddleware, shownPath } from './request-state.ts';

/** How long a client should wait for a server that didn't answer. */
const RETRY_AFTER_SECONDS = '2';

/** What the client is told of an error: a problem stays itself, all else is an outage or a defect without details. */
function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isDependencyFailure(error)) return dependencyUnavailable(error);
  return new HttpProblem(
    'internal',
    'The request failed unexpectedly and the failure has been logged. If trying again does not help, report the trace_id.',
    { cause: error },
  );
}

/** The error for a server behind this one that doesn't answer. */
export function dependencyUnavailable(cause?: unknown): HttpProblem {
  return new HttpProblem(
    'dependency_unavailable',
    'A server that holds the data does not answer. Nothing is lost; try again in a few seconds.',
    { headers: { 'retry-after': RETRY_AFTER_SECONDS }, cause },
  );
}

/** A problem as an RFC 9457 document, with the trace id by which the request is found in the logs. */
function problemResponse(problem: HttpProblem, event: ApiEvent, traceparent: string): ApiResponse {
  const { status, title } = errorTable[problem.code];
  const document = {
    type: `urn:problem-type:${problem.code}`,
    title,
    status,
    detail: problem.message,
    instance: shownPath(event),
    code: problem.code,
    trace_id: traceIdOf(traceparent),
    ...(problem.fields.length > 0 ? { errors: problem.fields } : {}),
    ...problem.extensions,
  };
  return {
    statusCode: status,
    headers: { 'content-type': 'application/problem+json', ...problem.headers },
    body: JSON.stringify(document),
  };
}

/** Turns whatever was thrown into a problem document, and logs what isn't the client's fault with its cause. */
export function problemDocuments(log: LogWriter): HttpMiddleware {
  return {
    onError(request) {
      const { traceparent } = request.internal;
      const problem = toProblem(request.error);
      if (problem.status >= 500) logFailure(requestLogOf(log, traceparent), problem);
      request.error = problem;
      request.response = problemResponse(problem, request.event, traceparent);
    },
  };
}

function logFailure(log: RequestLog, problem: HttpProblem): void {
  const write = problem.code === 'internal' ? log.error : log.warn;
  write('request failed', { code: problem.code, error: problem.cause ?? problem });
}

/**
 * Tells "a server behind this one does not answer" from a defect of ours, by the codes and names that Node's sockets,
 * mysql2, kafkajs and the AWS SDK give their errors.
 */
const UNREACHABLE = new Set([
  // Sockets and name resolution
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EHOSTUNREACH',
  'EHOSTDOWN',
  'ENETUNREACH',
  'ENETDOWN',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EPIPE',
  'ETIMEDOUT',
  // MySQL: connection broken, no answer, full, starting or stopping
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'POOL_CLOSED',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_QUERY_INTERRUPTED',
  'ER_LOCK_WAIT_TIMEOUT',
  'ER_LOCK_DEADLOCK',
  // AWS SDK: by name
  'TimeoutError',
  'AbortError',
  'NetworkingError',
  'CredentialsProviderError',
  'ThrottlingException',
  'ProvisionedThroughputExceededException',
  'RequestLimitExceeded',
  'InternalServerError',
  'ServiceUnavailable',
]);

/** A broken connection of mysql2 that was noticed only by its next use carries no code. */
const CLOSED_CONNECTION = /closed state|Connection lost|Pool is closed/;

/** Whether an error, or one that caused it, says that a server didn't answer. */
export function isDependencyFailure(error: unknown): boolean {
  return causesOf(error).some(isUnreachable);
}

function isUnreachable(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return (
    UNREACHABLE.has(code) ||
    UNREACHABLE.has(error.name) ||
    error.name.startsWith('KafkaJS') ||
    CLOSED_CONNECTION.test(error.message)
  );
}

/** The error itself, its causes, and the parts of an `AggregateError` (Node's, when every address refused). */
function causesOf(error: unknown, depth = 0): Error[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const parts: unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error, ...[error.cause, ...parts].flatMap((cause) => causesOf(cause, depth + 1))];
}
