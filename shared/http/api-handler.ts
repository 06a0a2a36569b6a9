import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { HttpProblem } from '../api/errors.ts';
import { methodsOf, type RouteDeclaration, routeKey } from '../api/route.ts';
import { withDeadline } from '../deadline.ts';
import { traceparentOf } from '../observability/logger.ts';
import type { Metrics } from '../observability/metrics.ts';
import { readSettings } from '../settings.ts';
import { bearerToken, originSecret, originSettings, type TokenSource } from './authorization.ts';
import { dependencyUnavailable, problemDocuments } from './problem-documents.ts';
import { requestLimits } from './request-input.ts';
import { type LogWriter, requestLog, requestLogOf, requestMetrics } from './request-log.ts';
import {
  type ApiEvent,
  type ApiResponse,
  type RequestLambdaContext,
  type RequestState,
  requestState,
  shownPath,
} from './request-state.ts';
import { headWithoutBody, responseHeaders } from './response-headers.ts';
import { notModified } from './responses.ts';
import type { RouteHandler } from './route-handler.ts';

export { implement } from './route-handler.ts';

/** A Lambda function behind an HTTP API, payload format 2.0. */
export type ApiFunction = (event: ApiEvent, context: Context) => Promise<ApiResponse>;

export interface ApiOptions {
  readonly routes: readonly RouteHandler[];
  /** Answers the requests of the gateway's `$default` route. Without it they are `not_found`. */
  readonly fallback?: (event: ApiEvent) => ApiResponse;
  /** The token that routes of `access: 'token'` require; without one they are open to everyone. */
  readonly token?: string | TokenSource | undefined;
  /** The secrets of which CloudFront must send one; by default those in `ORIGIN_SECRETS`. Without any, every request is admitted. */
  readonly originSecrets?: readonly string[];
  readonly log: LogWriter;
  /** Records every request. */
  readonly metrics?: Metrics;
  /** Milliseconds that a request may take, whatever its dependencies do. Default 8,000; less if the invocation has less time left. */
  readonly answerWithinMs?: number;
}

const ANSWER_WITHIN_MS = 8_000;

/** Time left for sending a late answer before Lambda ends the invocation. */
const RESERVE_MS = 500;

/** The metric label of requests for unknown paths. */
const NO_ROUTE = '$default';

const noMetrics: Metrics = { record: () => {} };

/**
 * Makes one Lambda handler of several routes. It never rejects: every failure is answered as a problem document.
 *
 * The order matters: the state comes first, log and metrics see the final response, and of the checks the first is whether the
 * request came through CloudFront. A request is measured before its token is checked and its token before its input is parsed.
 */
export function createApiHandler(options: ApiOptions): ApiFunction {
  const { routes, fallback = refuse, token, log, metrics = noMetrics } = options;
  const { answerWithinMs = ANSWER_WITHIN_MS } = options;
  // Read here, so that no function can forget it.
  const { originSecrets = readSettings(originSettings).ORIGIN_SECRETS } = options;
  const byRouteKey = new Map(
    routes.flatMap((each) =>
      methodsOf(each.route).map((method) => [routeKey({ ...each.route, method }), each] as const),
    ),
  );

  async function answer(event: ApiEvent, context: RequestLambdaContext): Promise<ApiResponse> {
    const handler = byRouteKey.get(event.routeKey);
    if (!handler) return fallback(event);
    const traceparent = context.state?.traceparent ?? traceparentOf(event.headers);
    const left = context.getRemainingTimeInMillis();
    const milliseconds = Math.max(0, Math.min(answerWithinMs, left - RESERVE_MS));
    const answering = handler.handle(event, traceparent, requestLogOf(log, traceparent));
    return withDeadline(milliseconds, answering, () => lateAnswer(handler.route));
  }

  return (
    middy<ApiEvent, ApiResponse, Error, RequestLambdaContext, RequestState>(answer, {
      // Not middy's own deadline, which doesn't know the route.
      timeoutEarlyInMillis: 0,
    })
      .use(requestState((event) => byRouteKey.get(event.routeKey)?.route))
      .use(requestLog(log))
      .use(requestMetrics(metrics, (_event, { route }) => (route ? routeKey(route) : NO_ROUTE)))
      .use(headWithoutBody())
      .use(responseHeaders())
      .use(notModified())
      // An unknown address opened in a browser is answered with a page.
      .use(problemDocuments(log, (_event, { route }) => route === undefined || route.page === true))
      .use(originSecret(originSecrets))
      .use(requestLimits())
      .use(bearerToken(token))
  );
}

/** A late read may be repeated. A late change may still happen, so repeating it could apply it twice. */
function lateAnswer({ access }: RouteDeclaration): HttpProblem {
  if (access !== 'token') return dependencyUnavailable();
  const detail =
    'The request timed out and the change may have happened; read GET /simulation/status before you try again.';
  return new HttpProblem('outcome_unknown', detail);
}

function refuse(event: ApiEvent): ApiResponse {
  throw new HttpProblem('not_found', `Nothing is served at ${shownPath(event)}.`);
}
