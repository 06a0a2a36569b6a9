import { HttpProblem } from '../api/errors.ts';
import type { Logger } from '../observability/logger.ts';
import { traceIdOf } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { type ApiEvent, type HttpMiddleware, type RequestState, shownPath } from './request-state.ts';

type Details = Readonly<Record<string, unknown>>;

/** The part of a logger that requests need. */
export type LogWriter = Pick<Logger, 'info' | 'warn' | 'error'>;

/** A logger whose lines carry one request's trace id. */
export interface RequestLog {
  info(message: string, details?: Details): void;
  warn(message: string, details?: Details): void;
  error(message: string, details?: Details): void;
}

/** Binds a logger to the trace of one request. */
export function requestLogOf(log: LogWriter, traceparent: string): RequestLog {
  const trace = { trace_id: traceIdOf(traceparent) };
  return {
    info: (message, details) => log.info(message, { ...trace, ...details }),
    warn: (message, details) => log.warn(message, { ...trace, ...details }),
    error: (message, details) => log.error(message, { ...trace, ...details }),
  };
}

/** Without query, body and headers, which may contain secrets. */
function requestLine(
  event: ApiEvent,
  startedAt: number,
  status: number | undefined,
  error: unknown,
): Details {
  return {
    method: event.requestContext.http.method,
    path: shownPath(event),
    status,
    ...(error instanceof HttpProblem ? { code: error.code } : {}),
    duration_ms: Math.round((performance.now() - startedAt) * 10) / 10,
    request_id: event.requestContext.requestId,
  };
}

/** Writes one line per answered request. */
export function requestLog(log: LogWriter): HttpMiddleware {
  const write: HttpMiddleware['after'] = ({ event, response, error, internal }) => {
    const line = requestLine(event, internal.startedAt, response?.statusCode, error);
    requestLogOf(log, internal.traceparent).info('request answered', line);
  };
  return { after: write, onError: write };
}

/**
 * Records how long each request took, and whether it failed through our fault.
 *
 * @param routeOf The metric label of a request; few distinct values, because each is a time series.
 */
export function requestMetrics(
  metrics: Metrics,
  routeOf: (event: ApiEvent, state: RequestState) => string,
): HttpMiddleware {
  const record: HttpMiddleware['after'] = ({ event, response, internal }) => {
    const status = response?.statusCode ?? 500;
    metrics.record(
      {
        http_request_duration: (performance.now() - internal.startedAt) / 1_000,
        http_server_errors: Number(status >= 500),
      },
      { route: routeOf(event, internal), status: String(status) },
    );
  };
  return { after: record, onError: record };
}
