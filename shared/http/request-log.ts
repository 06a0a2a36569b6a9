import type { MiddlewareObj } from '@middy/core';
import { HttpProblem } from '../api/errors.ts';
import type { Logger } from '../observability/logger.ts';
import { traceIdOf } from '../observability/trace.ts';
import { type Exchange, shownPath } from './exchange.ts';

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

/** What is worth knowing of an answered request: neither query, body nor headers, which may hold secrets. */
function requestLine(exchange: Exchange, status: number | undefined, error: unknown): Details {
  const { event, startedAt } = exchange;
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
export function requestLog(log: LogWriter): MiddlewareObj<Exchange> {
  const write: MiddlewareObj<Exchange>['after'] = ({ event: exchange, response, error }) => {
    const line = requestLine(exchange, response?.statusCode, error);
    requestLogOf(log, exchange.traceparent).info('request answered', line);
  };
  return { after: write, onError: write };
}
