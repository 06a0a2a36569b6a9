import type { APIGatewayProxyEventV2, APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { traceparentOf } from '../observability/trace.ts';
import type { Implementation } from './route-handler.ts';

/** A request as API Gateway sends it: HTTP API, payload format 2.0. */
export type ApiEvent = APIGatewayProxyEventV2;

/** An answer as API Gateway takes it. */
export interface ApiResponse extends APIGatewayProxyStructuredResultV2 {
  statusCode: number;
  headers: Record<string, string>;
  body: string;
}

/** One request on its way through the middlewares, with what they have found out about it so far. */
export interface Exchange {
  readonly event: ApiEvent;
  /** Undefined if the request took the gateway's `$default` route. */
  readonly implementation: Implementation | undefined;
  readonly traceparent: string;
  /** Milliseconds of a monotonic clock. */
  readonly startedAt: number;
  /** Answers the request with its parsed input; set by `requestParsing`. */
  run?: () => Promise<unknown>;
}

/** Begins an exchange. */
export function openExchange(event: ApiEvent, implementation: Implementation | undefined): Exchange {
  return { event, implementation, traceparent: traceparentOf(event.headers), startedAt: performance.now() };
}

/** The request's path for logs and error texts, cut to a length that suits a line. */
export function shownPath(event: ApiEvent): string {
  return event.rawPath.length > 200 ? `${event.rawPath.slice(0, 200)}…` : event.rawPath;
}
