import * as z from 'zod';
import type { RouteDeclaration } from '../api/route.ts';
import { parseInput, readJsonBody, readQuery } from './request-input.ts';
import type { RequestLog } from './request-log.ts';
import type { ApiEvent, ApiResponse } from './request-state.ts';
import {
  type FileAnswer,
  type RedirectAnswer,
  type TextAnswer,
  toResponse,
  type VersionedAnswer,
} from './responses.ts';

/** The arguments of a route's function. */
export interface RequestContext<Query, Body, Params = unknown> {
  readonly params: Params;
  readonly query: Query;
  readonly body: Body;
  /** By their names in lower case. */
  readonly headers: Readonly<Record<string, string | undefined>>;
  /** W3C trace context of the request. */
  readonly traceparent: string;
  /** Writes lines that carry the request's trace id. */
  readonly log: RequestLog;
}

/** A route with the function that answers it. */
export interface RouteHandler {
  readonly route: RouteDeclaration;
  /**
   * Parses a request by the route's schemas and answers it.
   *
   * @throws HttpProblem `invalid_request`, and any error of the route's function.
   * @throws ContractBreach if the answer doesn't match the route's schema.
   */
  handle(event: ApiEvent, traceparent: string, log: RequestLog): Promise<ApiResponse>;
}

/** Responses are never modified, so results of pure code, which are deeply read-only, need no copy. */
type DeepReadonly<Value> = { readonly [Key in keyof Value]: DeepReadonly<Value[Key]> };

type Answer<Response extends z.ZodType> =
  | DeepReadonly<z.input<Response>>
  | TextAnswer
  | FileAnswer
  | RedirectAnswer
  | VersionedAnswer<DeepReadonly<z.input<Response>>>;

/**
 * Joins a declared route to the function that answers it. The function gets path parameters, query and body parsed, and
 * returns the value of the response, which is checked against the route's schema before it is sent; for errors it throws
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
    request: RequestContext<z.output<Query>, z.output<Body>, z.output<Params>>,
  ) => Promise<Answer<Response>> | Answer<Response>,
): RouteHandler {
  return {
    route,
    async handle(event, traceparent, log) {
      // A part without a schema has the type `unknown` in the function's parameters.
      const answer = await run({
        params: parseInput(route.params ?? z.any(), event.pathParameters ?? {}, 'path'),
        query: readQuery(route.query ?? z.any(), event.rawQueryString),
        body: parseInput(route.body ?? z.any(), route.body && readJsonBody(event), 'body'),
        headers: event.headers,
        traceparent,
        log,
      });
      return toResponse(route, answer);
    },
  };
}
