/** The HTTP API: what API Gateway does between a request and a buffered function. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import querystring from 'node:querystring';
import { describeError } from './function-error.ts';
import type { Functions } from './functions.ts';
import { httpApiEndpoint, httpApiEvent } from './http-event.ts';
import { type HttpRequest, httpRequest } from './http-request.ts';
import {
  gatewayMessage,
  type HttpResponse,
  httpResponseOf,
  internalServerError,
  notBegun,
  sendResponse,
  serviceUnavailable,
} from './http-response.ts';
import type { InvocationResult } from './invocation.ts';
import type { HostLog } from './log.ts';
import type { AnswerAmendment } from './metrics-page.ts';
import { type BodyRoom, bodyRoom, readBody, refuseBody } from './request-body.ts';
import { createRouter } from './routing.ts';
import type { SystemDescription } from './system-description.ts';

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
  readonly amend?: AnswerAmendment;
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
    sendResponse(response, amend(match.routeKey, answer));
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
