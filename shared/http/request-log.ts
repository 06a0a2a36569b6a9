import type { MiddlewareObj } from '@middy/core';
import { HttpProblem } from '../api/errors.ts';
import { routeKey } from '../api/route.ts';
import type { Logger } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { traceIdOf } from '../observability/trace.ts';
import { type ApiResponse, type Exchange, shownPath } from './request-state.ts';

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

/** What requests for unknown paths are counted under: they could be any. */
const NO_ROUTE = '$default';

/** The route of an API's request as API Gateway names it. */
export function routeOfExchange({ implementation }: Exchange): string {
  return implementation ? routeKey(implementation.route) : NO_ROUTE;
}

/** Tells how long each request took, and whether it failed by a fault of ours. */
export function requestMetrics(
  metrics: Metrics,
  routeOf: (exchange: Exchange) => string,
): MiddlewareObj<Exchange, ApiResponse> {
  const tell: MiddlewareObj<Exchange, ApiResponse>['after'] = ({ event: exchange, response }) => {
    const status = response?.statusCode ?? 500;
    metrics.record(
      {
        http_request_duration: (performance.now() - exchange.startedAt) / 1_000,
        http_server_errors: Number(status >= 500),
      },
      { route: routeOf(exchange), status: String(status) },
    );
  };
  return { after: tell, onError: tell };
}
