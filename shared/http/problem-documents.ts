import * as z from 'zod';
import { errorTable, HttpProblem } from '../api/errors.ts';
import { traceIdOf } from '../observability/logger.ts';
import { problemPage, wantsPage } from './problem-pages.ts';
import { type LogWriter, type RequestLog, requestLogOf } from './request-log.ts';
import {
  type ApiEvent,
  type ApiResponse,
  type HttpMiddleware,
  type RequestState,
  shownPath,
} from './request-state.ts';

/** How long a client should wait after an outage. */
const RETRY_AFTER_SECONDS = '2';

/** Maps an error to what the client sees: problems are passed on; anything else is an outage or a defect, without details. */
function toProblem(error: unknown): HttpProblem {
  if (error instanceof HttpProblem) return error;
  if (isDependencyFailure(error)) return dependencyUnavailable(error);
  return new HttpProblem(
    'internal',
    'The request failed unexpectedly; the failure has been logged. If it fails again, report the trace_id.',
    { cause: error },
  );
}

/** The error for a dependency that doesn't respond. */
export function dependencyUnavailable(cause?: unknown): HttpProblem {
  return new HttpProblem(
    'dependency_unavailable',
    'A server that holds the data is not responding. Nothing is lost; try again in a few seconds.',
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

/**
 * Turns any thrown value into a problem document, or into a page if a browser opened a page, and logs failures on our side with their
 * cause.
 *
 * @param isPage Whether people open what was requested, so that the form of its errors depends on `Accept`.
 */
export function problemDocuments(
  log: LogWriter,
  isPage: (event: ApiEvent, state: RequestState) => boolean,
): HttpMiddleware {
  return {
    onError(request) {
      const { event, internal } = request;
      const { traceparent } = internal;
      const problem = toProblem(request.error);
      if (problem.status >= 500) logFailure(requestLogOf(log, traceparent), problem);
      request.error = problem;
      if (!isPage(event, internal)) {
        request.response = problemResponse(problem, event, traceparent);
        return;
      }
      const response = wantsPage(event)
        ? problemPage(problem, traceparent, request.event.rawPath)
        : problemResponse(problem, event, traceparent);
      request.response = { ...response, headers: { ...response.headers, vary: 'accept' } };
    },
  };
}

function logFailure(log: RequestLog, problem: HttpProblem): void {
  const write = problem.code === 'internal' ? log.error : log.warn;
  write('request failed', { code: problem.code, error: problem.cause ?? problem });
}

/**
 * Distinguishes outages of dependencies from defects, by the codes and names that Node's sockets, mysql2, kafkajs and the
 * AWS SDK give their errors.
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
  // MySQL: connection broken, timed out, refused for lack of connections, starting or stopping
  'PROTOCOL_CONNECTION_LOST',
  'PROTOCOL_SEQUENCE_TIMEOUT',
  'POOL_CLOSED',
  'ER_CON_COUNT_ERROR',
  'ER_TOO_MANY_USER_CONNECTIONS',
  'ER_SERVER_SHUTDOWN',
  'ER_CONNECTION_KILLED',
  'ER_CLIENT_INTERACTION_TIMEOUT',
  'ER_QUERY_INTERRUPTED',
  'ER_QUERY_TIMEOUT',
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

/** MariaDB's error for a statement that took too long, which mysql2 (3.24) has no name for; MySQL's is ER_QUERY_TIMEOUT. */
const STATEMENT_TIMEOUT = 1969;

/** mysql2 sets no code if a broken connection is noticed only on its next use. */
const CLOSED_CONNECTION = /closed state|Connection lost|Pool is closed/;

/** Whether an error, or one of its causes, means that a dependency is unavailable. */
export function isDependencyFailure(error: unknown): boolean {
  return causesOf(error).some(isUnreachable);
}

function isUnreachable(error: Error): boolean {
  const code = 'code' in error ? String(error.code) : '';
  return (
    UNREACHABLE.has(code) ||
    UNREACHABLE.has(error.name) ||
    ('errno' in error && error.errno === STATEMENT_TIMEOUT) ||
    error.name.startsWith('KafkaJS') ||
    isServerFault(error) ||
    CLOSED_CONNECTION.test(error.message)
  );
}

const serverFault = z.union([
  z.object({ $fault: z.literal('server') }),
  // The body wasn't one that the service's own errors have.
  z.object({ $metadata: z.object({ httpStatusCode: z.number().min(500) }) }),
]);

/** Whether an error of the AWS SDK says that the service failed, whatever it is called, such as `InternalFailure`. */
function isServerFault(error: Error): boolean {
  return serverFault.safeParse(error).success;
}

/** The error itself, its causes, and the parts of an `AggregateError` (thrown by Node if every address refused). */
function causesOf(error: unknown, depth = 0): Error[] {
  if (!(error instanceof Error) || depth > 5) return [];
  const parts: unknown[] = error instanceof AggregateError ? error.errors : [];
  return [error, ...[error.cause, ...parts].flatMap((cause) => causesOf(cause, depth + 1))];
}
