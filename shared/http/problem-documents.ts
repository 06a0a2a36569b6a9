import type { MiddlewareObj } from '@middy/core';
import { errorTable, HttpProblem } from '../api/errors.ts';
import { traceIdOf } from '../observability/trace.ts';
import { isDependencyFailure } from './dependency-failure.ts';
import { type ApiResponse, type Exchange, shownPath } from './exchange.ts';
import { type LogWriter, type RequestLog, requestLogOf } from './request-log.ts';

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

/** A problem as an RFC 9457 document, with the trace under which the logs know the request. */
export function problemResponse(problem: HttpProblem, { event, traceparent }: Exchange): ApiResponse {
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
export function problemDocuments(log: LogWriter): MiddlewareObj<Exchange> {
  return {
    onError(request) {
      const problem = toProblem(request.error);
      if (problem.status >= 500) logFailure(requestLogOf(log, request.event.traceparent), problem);
      request.error = problem;
      request.response = problemResponse(problem, request.event);
    },
  };
}

function logFailure(log: RequestLog, problem: HttpProblem): void {
  const write = problem.code === 'internal' ? log.error : log.warn;
  write('request failed', { code: problem.code, error: problem.cause ?? problem });
}
