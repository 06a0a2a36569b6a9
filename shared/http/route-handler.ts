import type { MiddlewareObj } from '@middy/core';
import type { z } from 'zod';
import type { FileAnswer, RouteDeclaration, TextAnswer, VersionedAnswer } from '../api/route.ts';
import { parseInput, readJsonBody, readQuery } from './request-input.ts';
import { type LogWriter, type RequestLog, requestLogOf } from './request-log.ts';
import type { ApiEvent, Exchange } from './request-state.ts';

/** What the implementation of a route is given. */
export interface Call<Query, Body, Params = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** W3C trace context of the request. */
  readonly traceparent: string;
  /** Writes lines that carry the request's trace id. */
  readonly log: RequestLog;
}

/** A route with the function that answers it. */
export interface Implementation {
  readonly route: RouteDeclaration;
  /**
   * Parses a request by the route's schemas; the returned function answers it.
   *
   * @throws HttpProblem `invalid_request`.
   */
  prepare(event: ApiEvent, traceparent: string, log: RequestLog): () => Promise<unknown>;
}

/** Answers are read, not changed: results of pure code, read-only throughout, need no copy. */
type DeepReadonly<Value> = { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> };

type Answer<Response extends z.ZodType> =
  | DeepReadonly<z.input<Response>>
  | TextAnswer
  | FileAnswer
  | VersionedAnswer<DeepReadonly<z.input<Response>>>;

/**
 * Joins a declared route to the function that answers it. The function gets path parameters, query and body already
 * parsed and returns the response, which is checked against the route's schema before it is sent; for errors it throws
 * `HttpProblem`.
 *
 * @example implement(recentSales, async ({ query }) => ({ events: await newest(query.limit) }))
 */
export function implement<
  Query extends z.ZodType,
  Body extends z.ZodType,
  Response extends z.ZodType,
  Params extends z.ZodType,
>(
  route: RouteDeclaration<Query, Body, Response, Params>,
  run: (
    call: Call<z.output<Query>, z.output<Body>, z.output<Params>>,
  ) => Promise<Answer<Response>> | Answer<Response>,
): Implementation {
  return {
    route,
    prepare(event, traceparent, log) {
      // Where a route declares no schema its type parameter is the general one, whose output is `unknown`.
      const params = (route.params &&
        parseInput(route.params, event.pathParameters ?? {}, 'path')) as z.output<Params>;
      const query = (route.query && readQuery(route.query, event.rawQueryString)) as z.output<Query>;
      const body = (route.body && readJsonBody(route.body, event)) as z.output<Body>;
      return async () => run({ params, query, body, headers: event.headers, traceparent, log });
    },
  };
}

/** Parses the request by its route's schemas, so that the route's implementation sees valid input only. */
export function requestParsing(log: LogWriter): MiddlewareObj<Exchange> {
  return {
    before({ event: exchange }) {
      const { implementation, event, traceparent } = exchange;
      if (implementation)
        exchange.run = implementation.prepare(event, traceparent, requestLogOf(log, traceparent));
    },
  };
}
