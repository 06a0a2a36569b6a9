import type { Readable } from 'node:stream';
import type { MiddlewareObj } from '@middy/core';
import type { APIGatewayProxyEventV2, Context } from 'aws-lambda';
import type { RouteDeclaration } from '../api/route.ts';
import { traceparentOf } from '../observability/logger.ts';

/** A request as API Gateway and function URLs send it: payload format 2.0. */
export type ApiEvent = APIGatewayProxyEventV2;

/** A response; only streaming functions may send a stream. */
export interface HttpResponse<Body extends string | Readable = string | Readable> {
  readonly statusCode: number;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Body;
  readonly isBase64Encoded?: boolean;
}

/** A response as API Gateway takes it. */
export type ApiResponse = HttpResponse<string>;

/** What the middlewares share about a request, in `request.internal`. A type, because middy needs an index signature. */
export type RequestState = {
  /** Undefined if the request took the gateway's `$default` route. */
  route: RouteDeclaration | undefined;
  /** W3C trace context. */
  traceparent: string;
  /** Milliseconds of a monotonic clock. */
  startedAt: number;
};

/** Lambda's context with the state of the request. Missing only before {@link requestState} has run. */
export type RequestLambdaContext = Context & { state?: RequestState };

export type HttpMiddleware = MiddlewareObj<ApiEvent, HttpResponse, Error, RequestLambdaContext, RequestState>;

/** Sets the state that all other middlewares rely on, so it must come first. */
export function requestState(routeOf: (event: ApiEvent) => RouteDeclaration | undefined): HttpMiddleware {
  return {
    before({ event, context, internal }) {
      internal.route = routeOf(event);
      internal.traceparent = traceparentOf(event.headers);
      internal.startedAt = performance.now();
      // middy passes handlers the context alone.
      context.state = internal;
    },
  };
}

/** The request's path for logs and error texts, at most about a line long. */
export function shownPath(event: ApiEvent): string {
  return event.rawPath.length > 200 ? `${event.rawPath.slice(0, 200)}…` : event.rawPath;
}
