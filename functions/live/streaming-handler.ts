import middy from '@middy/core';
import { executionModeStreamifyResponse } from '@middy/core/StreamifyResponse';
import type { Context, StreamifyHandler } from 'aws-lambda';
import { problemDocuments } from '../../shared/http/problem-documents.ts';
import { requestLimits } from '../../shared/http/request-limits.ts';
import { type LogWriter, requestLog, requestMetrics } from '../../shared/http/request-log.ts';
import {
  type ApiEvent,
  type ApiResponse,
  type Exchange,
  openExchange,
} from '../../shared/http/request-state.ts';
import { headWithoutBody, responseHeaders } from '../../shared/http/response-headers.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { type LiveApp, routeOfPath } from './app.ts';

/**
 * Makes a streaming Lambda handler of the app: every failure before the body begins is a problem document, and a client
 * who goes away is no failure.
 */
export function createStreamingHandler(
  app: LiveApp,
  log: LogWriter,
  metrics: Metrics,
): StreamifyHandler<ApiEvent> {
  const pipeline = middy<Exchange, ApiResponse>({
    executionMode: executionModeStreamifyResponse,
    timeoutEarlyInMillis: 0,
  })
    .use(requestLog(log))
    .use(requestMetrics(metrics, ({ event }) => routeOfPath(event.rawPath)))
    .use(headWithoutBody())
    .use(responseHeaders())
    .use(problemDocuments(log))
    .use(requestLimits())
    // The middlewares look at status and headers alone, which a streamed response has as well.
    .handler(
      (exchange: Exchange, context: Context) =>
        app(exchange.event, remainingMs(context)) as Promise<ApiResponse>,
    );
  // middy's types know only of handlers that return their response.
  const streaming = pipeline as unknown as StreamifyHandler<Exchange>;
  return awslambda.streamifyResponse(async (event: ApiEvent, stream, context) => {
    try {
      await streaming(openExchange(event, undefined), stream, context);
    } catch (error) {
      if (!hasClientGone(error)) throw error;
    }
  });
}

function remainingMs(context: Context): number {
  return context.getRemainingTimeInMillis?.() ?? Number.POSITIVE_INFINITY;
}

function hasClientGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
