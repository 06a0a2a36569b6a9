import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import middy from '@middy/core';
import type { StreamifyHandler } from 'aws-lambda';
import { HttpProblem } from '../../shared/api/errors.ts';
import { readLiveAsset, readLivePage, streamEvents } from '../../shared/api/live.ts';
import { methodsOf, routeKey } from '../../shared/api/route.ts';
import { problemDocuments } from '../../shared/http/problem-documents.ts';
import { requestLimits } from '../../shared/http/request-input.ts';
import { type LogWriter, requestLog, requestMetrics } from '../../shared/http/request-log.ts';
import {
  type ApiEvent,
  type HttpResponse,
  type RequestLambdaContext,
  type RequestState,
  requestState,
  shownPath,
} from '../../shared/http/request-state.ts';
import { headWithoutBody, responseHeaders } from '../../shared/http/response-headers.ts';
import { answerOptions, methodNotAllowed, redirectTo } from '../../shared/http/responses.ts';
import type { Metrics } from '../../shared/observability/metrics.ts';
import { startPositionOf } from './cursor.ts';
import { assetResponse, documentResponse, type PageFiles, type TextResponse } from './page.ts';
import type { ViewerRegistry } from './viewer-registry.ts';

/** A response whose body is generated while it is read. */
interface StreamResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

export interface LiveAppOptions {
  readonly viewers: Pick<ViewerRegistry, 'open'>;
  readonly pageFiles: () => Promise<PageFiles>;
  readonly lifetimeMs: number;
}

/**
 * Answers a request of the function URL.
 *
 * @param remainingMs Time left until Lambda ends the invocation.
 * @throws HttpProblem for a path or method that it doesn't serve.
 */
type LiveApp = (event: ApiEvent, remainingMs: number) => Promise<StreamResponse | TextResponse>;

const DOCUMENT_PATH = readLivePage.path;
const EVENTS_PATH = streamEvents.path;
/** The methods that every path here accepts. */
const METHODS: readonly string[] = methodsOf(streamEvents);
/** Paths that redirect from a trailing slash, as the API does. */
const PAGES: readonly string[] = [DOCUMENT_PATH, EVENTS_PATH];
const ASSET_PREFIX = readLiveAsset.path.replace('{file}', '');

const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies must not cache, compress or buffer a live stream.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
} as const;

/** HEAD has no body. */
const EMPTY_STREAM: TextResponse = { statusCode: 200, headers: EVENT_STREAM_HEADERS, body: '' };

/** A stream ends this long before Lambda would end its invocation. */
const RESERVE_MS = 5_000;

/** The metric label of a path's requests. */
function routeOfPath(path: string): string {
  if (path.startsWith(ASSET_PREFIX)) return routeKey(readLiveAsset);
  return PAGES.includes(path) ? `GET ${path}` : '$default';
}

/**
 * Creates the app that serves the page, its files and the event stream.
 *
 * @returns A function that throws HttpProblem `not_found`, `method_not_allowed` or `too_many_viewers`.
 */
export function createLiveApp({ viewers, pageFiles, lifetimeMs }: LiveAppOptions): LiveApp {
  function openStream(event: ApiEvent, remainingMs: number): StreamResponse | TextResponse {
    const point = startPositionOf(event);
    if (event.requestContext.http.method === 'HEAD') return EMPTY_STREAM;
    const body = viewers.open(point, Math.min(lifetimeMs, remainingMs - RESERVE_MS));
    return { statusCode: 200, headers: EVENT_STREAM_HEADERS, body };
  }

  async function fileAnswer({ rawPath, headers }: ApiEvent): Promise<TextResponse | null> {
    const ifNoneMatch = headers['if-none-match'];
    if (rawPath === DOCUMENT_PATH) return documentResponse((await pageFiles()).document, ifNoneMatch);
    if (!rawPath.startsWith(ASSET_PREFIX)) return null;
    const asset = (await pageFiles()).assets.get(rawPath.slice(ASSET_PREFIX.length));
    return asset ? assetResponse(asset, ifNoneMatch) : null;
  }

  return async (event, remainingMs) => {
    const { rawPath } = event;
    const bare = rawPath.slice(0, -1);
    if (rawPath.endsWith('/') && PAGES.includes(bare)) return redirectTo(bare, event.rawQueryString);
    if (rawPath === EVENTS_PATH) {
      return answerByMethod(event, () => openStream(event, remainingMs));
    }
    const file = await fileAnswer(event);
    if (file) return answerByMethod(event, () => file);
    throw new HttpProblem('not_found', `Nothing is served under ${shownPath(event)}.`);
  };
}

/** @throws HttpProblem `method_not_allowed`. */
function answerByMethod<Response>(event: ApiEvent, answer: () => Response): Response | TextResponse {
  const { method } = event.requestContext.http;
  if (method === 'OPTIONS') return answerOptions(METHODS);
  if (!METHODS.includes(method)) throw methodNotAllowed(event, METHODS);
  return answer();
}

/**
 * Makes a streaming Lambda handler of the app: every failure before the body begins is a problem document, and a client
 * that disconnects is no failure.
 *
 * The response is sent by hand because the types of middy's own streaming mode take only handlers without a stream.
 *
 * @returns A handler that throws only if the body fails after it has begun, which the runtime reports as a broken response.
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
