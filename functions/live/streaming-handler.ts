import { pipeline } from 'node:stream/promises';
import middy from '@middy/core';
import type { StreamifyHandler } from 'aws-lambda';
import { streamEvents } from '../../shared/api/live.ts';
import { problemDocuments } from '../../shared/http/problem-documents.ts';
import { requestLimits } from '../../shared/http/request-limits.ts';
import { type LogWriter, requestLog, requestMetrics } from '../../shared/http/request-log.ts';
import {
  type ApiEvent,
  type HttpResponse,
  type RequestLambdaContext,
  type RequestState,
  requestState,
} from '../../shared/http/request-state.ts';
import { headWithoutBody, responseHeaders } from '../../shared/http/response-headers.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { type LiveApp, routeOfPath } from './app.ts';

/**
 * Makes a streaming Lambda handler of the app: every failure before the body begins is a problem document, and a client
 * that disconnects is no failure.
 *
 * The response is sent by hand because the types of middy's own streaming mode take only handlers without a stream.
 */
export function createStreamingHandler(
  app: LiveApp,
  log: LogWriter,
  metrics: Metrics,
): StreamifyHandler<ApiEvent> {
  const respond = middy<ApiEvent, HttpResponse, Error, RequestLambdaContext, RequestState>(
    (event: ApiEvent, context: RequestLambdaContext) => app(event, context.getRemainingTimeInMillis()),
    { timeoutEarlyInMillis: 0 },
  )
    .use(requestState(() => undefined))
    .use(requestLog(log))
    .use(requestMetrics(metrics, ({ rawPath }) => routeOfPath(rawPath)))
    .use(headWithoutBody())
    .use(responseHeaders())
    .use(problemDocuments(log, ({ rawPath }) => rawPath !== streamEvents.path))
    .use(requestLimits());

  return awslambda.streamifyResponse(async (event: ApiEvent, stream, context) => {
    const { body, ...metadata } = await respond(event, context);
    const response = awslambda.HttpResponseStream.from(stream, metadata);
    // Sends status and headers at once, even if the body is empty.
    response.write('');
    try {
      await pipeline(typeof body === 'string' ? [body] : body, response);
    } catch (error) {
      if (!hasClientGone(error)) throw error;
    }
  });
}

function hasClientGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_STREAM_PREMATURE_CLOSE';
}
