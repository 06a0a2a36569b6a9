import type { IncomingMessage, ServerResponse } from 'node:http';
import querystring from 'node:querystring';
import { methodsOf, routeKey } from '../../../shared/api/route.ts';
import type { HostLog } from '../log.ts';
import type { ResponseAmendment } from '../metrics/process-metrics.ts';
import type { Functions } from '../runtime/functions.ts';
import { describeError, type InvocationResult } from '../runtime/invocation-result.ts';
import type { HostedRoute, SystemDescription } from '../system-description.ts';
import { type HttpRequest, httpApiEndpoint, httpApiEvent, httpRequest } from './http-event.ts';
import {
  gatewayMessage,
  type HttpResponse,
  httpResponseOf,
  internalServerError,
  notBegun,
  sendResponse,
  serviceUnavailable,
} from './http-response.ts';
import { type BodyRoom, bodyRoom, readBody, refuseBody } from './request-body.ts';

/** The HTTP API: what API Gateway does between a request and a buffered function. */

/** API Gateway's limits. https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html */
const MAX_BODY_BYTES = 10 * 1024 * 1024;
const INTEGRATION_TIMEOUT_MS = 30_000;

/**
 * The part of that time for which a request may wait for a free worker. What begins later could be cut off in its midst; what
 * doesn't begin certainly changes nothing, so a client may send it again.
 */
const WAITING_SHARE = 2 / 3;

export type RequestHandler = (message: IncomingMessage, response: ServerResponse) => Promise<void>;

export interface HttpApiOptions {
  readonly timeoutMs?: number;
  readonly amend?: ResponseAmendment;
  /** For the bodies of requests until they are answered; one of its own by default. */
  readonly room?: BodyRoom;
}

export function createHttpApi(
  system: Pick<SystemDescription, 'httpRoutes' | 'defaultRoute'>,
  functions: Pick<Functions, 'invoke'>,
  region: string,
  log: HostLog,
  {
    timeoutMs = INTEGRATION_TIMEOUT_MS,
    amend = (_routeKey, answer) => answer,
    room = bodyRoom(),
  }: HttpApiOptions = {},
): RequestHandler {
  const route = createRouter(system);
  const endpoint = httpApiEndpoint(region);

  return async (message, response) => {
    const body = await readBody(message, MAX_BODY_BYTES, room);
    if (typeof body === 'string') return refuseBody(response, body);
    try {
      await answerRequest(httpRequest(message, body.bytes), response);
    } finally {
      body.release();
    }
  };

  async function answerRequest(request: HttpRequest, response: ServerResponse): Promise<void> {
    if (!request.path.startsWith('/')) return sendResponse(response, gatewayMessage(400, 'Bad Request'));
    // Leaves as it is what can't be decoded: whether such a path is known is for the functions to say.
    const path = querystring.unescape(request.path);
    const match = route(request.method, path);
    const event = JSON.stringify(httpApiEvent(request, path, match, endpoint));
    const answer = await answerOf(match.function, event);
    response.setHeader('apigw-requestid', request.requestId);
    sendResponse(response, await amend(match.routeKey, answer));
  }

  async function answerOf(name: string, event: string): Promise<HttpResponse> {
    const timeout = Promise.withResolvers<'late'>();
    const timer = setTimeout(() => timeout.resolve('late'), timeoutMs);
    const result = await Promise.race([
      functions.invoke(name, event, timeoutMs * WAITING_SHARE),
      timeout.promise,
    ]);
    clearTimeout(timer);
    if (result !== 'late') return responseOf(name, result);
    log.write('ERROR', `${name} did not answer a request within ${timeoutMs / 1000} s.`);
    return serviceUnavailable;
  }

  function responseOf(name: string, { error, payload }: InvocationResult): HttpResponse {
    if (!error) return httpResponseOf(payload);
    log.write('ERROR', `${name} failed to answer a request.`, { failure: describeError(error) });
    return error.errorType === 'TooManyRequestsException' ? notBegun : internalServerError;
  }
}

/** The function that answers a request, and how API Gateway names the route. */
export interface RouteMatch {
  readonly function: string;
  /** `GET /sales/{id}`, or `$default`. */
  readonly routeKey: string;
  /** Undefined where the route has none. */
  readonly pathParameters?: Readonly<Record<string, string>>;
}

export type Router = (method: string, path: string) => RouteMatch;

/**
 * Finds routes as API Gateway's HTTP API does: a literal path wins over one with parameters, and what no route takes
 * (also another method on a known path, or a slash too many) goes to `$default`.
 */
export function createRouter({
  httpRoutes,
  defaultRoute,
}: Pick<SystemDescription, 'httpRoutes' | 'defaultRoute'>): Router {
  const literal = new Map<string, RouteMatch>();
  const patterns: HostedRoute[] = [];
  for (const entry of httpRoutes) {
    if (entry.route.path.includes('{')) patterns.push(entry);
    else for (const key of keysOf(entry)) literal.set(key, { function: entry.function, routeKey: key });
  }
  return (method, path) => {
    const known = literal.get(`${method} ${path}`);
    if (known) return known;
    for (const { route, function: name } of patterns) {
      const isTaken = methodsOf(route).some((one) => one === method);
      const pathParameters = isTaken ? parametersOf(route.path, path) : null;
      if (pathParameters) return { function: name, routeKey: `${method} ${route.path}`, pathParameters };
    }
    return { function: defaultRoute, routeKey: '$default' };
  };
}

function keysOf({ route }: HostedRoute): string[] {
  return methodsOf(route).map((method) => routeKey({ ...route, method }));
}

/** `/sales/{id}` with `/sales/7` → `{id: '7'}`; null if the path is another. */
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
