import middy from '@middy/core';
import type { Context } from 'aws-lambda';
import { HttpProblem } from '../api/errors.ts';
import { methodsOf, routeKey } from '../api/route.ts';
import { withDeadline } from '../deadline.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { TokenSource } from './bearer-token.ts';
import { bearerToken } from './bearer-token.ts';
import { dependencyUnavailable, problemDocuments } from './problem-documents.ts';
import { requestLimits } from './request-limits.ts';
import { type LogWriter, requestLog, requestMetrics, routeOfExchange } from './request-log.ts';
import { type ApiEvent, type ApiResponse, type Exchange, openExchange, shownPath } from './request-state.ts';
import { headWithoutBody, responseHeaders } from './response-headers.ts';
import { notModified, responseValidation } from './responses.ts';
import type { Implementation } from './route-handler.ts';
import { requestParsing } from './route-handler.ts';

export { implement } from './route-handler.ts';

/** A Lambda function behind an HTTP API, payload format 2.0. */
export type ApiFunction = (event: ApiEvent, context?: Partial<Context>) => Promise<ApiResponse>;

export interface ApiOptions {
  readonly implementations: readonly Implementation[];
  /** Answers the requests of the gateway's `$default` route. Without it they are `not_found`. */
  readonly fallback?: (event: ApiEvent) => ApiResponse;
  /** What routes of `access: 'token'` ask for; none or an empty one leaves them open. */
  readonly token?: string | TokenSource | undefined;
  readonly log: LogWriter;
  /** Is told of every request. */
  readonly metrics?: Metrics;
  /** No request takes longer, whatever the servers behind it do. Default 8 s; less if the function has less left. */
  readonly answerWithinMs?: number;
}

const ANSWER_WITHIN_MS = 8_000;

/** What an answer needs on its way out of a function that is about to be stopped. */
const RESERVE_MS = 500;

const untold: Metrics = { record: () => {} };

/** Makes one Lambda handler of implemented routes. It never throws: every failure is answered as a problem document. */
export function createApiHandler(options: ApiOptions): ApiFunction {
  const { implementations, token, log, metrics = untold } = options;
  const byRouteKey = new Map(
    implementations.flatMap((each) =>
      methodsOf(each.route).map((method) => [routeKey({ ...each.route, method }), each] as const),
    ),
  );
  const pipeline = middy<Exchange, ApiResponse>(
    // Left without a value by the implementation until `responseValidation` has made a response of it.
    (exchange: Exchange, context: Context) => answer(exchange, context, options) as Promise<ApiResponse>,
    { timeoutEarlyInMillis: 0 },
  )
    .use(requestLog(log))
    .use(requestMetrics(metrics, routeOfExchange))
    .use(headWithoutBody())
    .use(responseHeaders())
    .use(notModified())
    .use(problemDocuments(log))
    .use(requestLimits())
    .use(bearerToken(token))
    .use(requestParsing(log))
    .use(responseValidation());
  return (event, context = {}) =>
    pipeline(openExchange(event, byRouteKey.get(event.routeKey)), context as Context);
}

async function answer(exchange: Exchange, context: Context, options: ApiOptions): Promise<unknown> {
  const { fallback = refuse, answerWithinMs = ANSWER_WITHIN_MS } = options;
  if (!exchange.run) return fallback(exchange.event);
  const left = context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
  const milliseconds = Math.max(0, Math.min(answerWithinMs, left - RESERVE_MS));
  return withDeadline(milliseconds, exchange.run(), () => lateAnswer(exchange));
}

/** A read that came too late may be repeated. A change may still happen, so repeating it could do it twice. */
function lateAnswer({ implementation }: Exchange): HttpProblem {
  if (implementation?.route.access !== 'token') return dependencyUnavailable();
  const detail =
    'No answer came in time and the change may have happened; read GET /simulation/status first.';
  return new HttpProblem('outcome_unknown', detail);
}

function refuse(event: ApiEvent): ApiResponse {
  throw new HttpProblem('not_found', `Nothing is served under ${shownPath(event)}.`);
}
