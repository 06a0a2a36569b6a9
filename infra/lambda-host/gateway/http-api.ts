import type { ServerResponse } from 'node:http';
import querystring from 'node:querystring';
import type { HostLog } from '../log.ts';
import type { Functions } from '../runtime/functions.ts';
import { describeError, type InvocationResult } from '../runtime/invocation-result.ts';
import { type HostedSystem, type HttpRoute, routeKey } from '../system.ts';
import {
  type HttpRequest,
  httpApiEndpoint,
  httpApiEvent,
  httpRequest,
  type RouteMatch,
} from './http-event.ts';
import {
  type GatewayResponse,
  gatewayMessage,
  httpResponseOf,
  internalServerError,
  notStarted,
  type ResponseAmendment,
  refuseLargeBody,
  sendResponse,
  serviceUnavailable,
} from './http-response.ts';
import { type RequestHandler, readBody } from './http-server.ts';

/** API Gateway's HTTP API in front of buffered functions. */

/** API Gateway's limits. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const INTEGRATION_TIMEOUT_MS = 30_000;

/**
 * The share of that time for which a request may wait for a free worker. A request that starts later could be cut off halfway;
 * one that doesn't start certainly changes nothing, so a client may send it again.
 */
const WAITING_SHARE = 2 / 3;

export interface HttpApiOptions {
  readonly timeoutMs?: number;
  readonly amend?: ResponseAmendment | undefined;
}

/**
 * Answers requests by the functions of their routes, as an HTTP API does with payload format 2.0.
 *
 * @param options `timeoutMs`: API Gateway's integration timeout, 30 s by default. `amend`: changes a response before it is sent.
 */
export function createHttpApi(
  system: Pick<HostedSystem, 'routes' | 'defaultFunction'>,
  functions: Pick<Functions, 'invoke'>,
  region: string,
  log: HostLog,
  { timeoutMs = INTEGRATION_TIMEOUT_MS, amend = (_routeKey, answer) => answer }: HttpApiOptions = {},
): RequestHandler {
  const route = createRouter(system);
  const endpoint = httpApiEndpoint(region);

  return async (message, response) => {
    const body = await readBody(message, MAX_BODY_BYTES);
    if (body === null) return refuseLargeBody(response);
    await answerRequest(httpRequest(message, body), response);
  };

  async function answerRequest(request: HttpRequest, response: ServerResponse): Promise<void> {
    if (!request.path.startsWith('/')) return sendResponse(response, gatewayMessage(400, 'Bad Request'));
    // A path that can't be decoded stays as it is; the functions decide whether they know it.
    const path = querystring.unescape(request.path);
    const match = route(request.method, path);
    if (!match) return sendResponse(response, gatewayMessage(404, 'Not Found'));
    const event = JSON.stringify(httpApiEvent(request, path, match, endpoint));
    const answer = await answerOf(match.function, event);
    response.setHeader('apigw-requestid', request.requestId);
    sendResponse(response, await amend(match.routeKey, answer));
  }

  async function answerOf(name: string, event: string): Promise<GatewayResponse> {
    const timeout = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => timeout.resolve('late'), timeoutMs);
    const result = await Promise.race([
      functions.invoke(name, event, timeoutMs * WAITING_SHARE),
      timeout.promise,
    ]);
    clearTimeout(timer);
    if (result !== 'late') return responseOf(name, result);
    log.write('ERROR', `${name} didn't answer a request within ${timeoutMs / 1000} s.`);
    return serviceUnavailable;
  }

  function responseOf(name: string, { error, payload, body }: InvocationResult): GatewayResponse {
    if (!error) return httpResponseOf(payload, body);
    log.write('ERROR', `${name} failed to answer a request.`, { failure: describeError(error) });
    return error.errorType === 'TooManyRequestsException' ? notStarted : internalServerError;
  }
}

/** Finds the route of a request; undefined if there is none and no default either. */
export type Router = (method: string, path: string) => RouteMatch | undefined;

/**
 * Finds routes as API Gateway's HTTP API does: a literal path wins over one with parameters, and whatever no route takes
 * (including another method on a known path, or an extra slash) goes to `$default`.
 */
export function createRouter({
  routes,
  defaultFunction,
}: Pick<HostedSystem, 'routes' | 'defaultFunction'>): Router {
  const literal = new Map<string, RouteMatch>();
  const patterns: HttpRoute[] = [];
  for (const route of routes) {
    if (route.path.includes('{')) patterns.push(route);
    else literal.set(routeKey(route), { function: route.function, routeKey: routeKey(route) });
  }
  return (method, path) => {
    const known = literal.get(`${method} ${path}`);
    if (known) return known;
    for (const route of patterns) {
      const pathParameters = route.method === method ? parametersOf(route.path, path) : null;
      if (pathParameters) return { function: route.function, routeKey: routeKey(route), pathParameters };
    }
    return defaultFunction === undefined ? undefined : { function: defaultFunction, routeKey: '$default' };
  };
}

/** `/sales/{id}` with `/sales/7` → `{id: '7'}`; null if the path doesn't match. */
function parametersOf(pattern: string, path: string): Record<string, string> | null {
  const names = pattern.split('/');
  const values = path.split('/');
  if (names.length !== values.length) return null;
  const parameters = new Map<string, string>();
  for (const [i, segment] of names.entries()) {
    const value = values[i] ?? '';
    const isParameter = segment.startsWith('{') && segment.endsWith('}');
    if (isParameter && value !== '') parameters.set(segment.slice(1, -1), value);
    else if (segment !== value) return null;
  }
  return Object.fromEntries(parameters);
}
