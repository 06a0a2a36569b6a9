import type { Readable } from 'node:stream';
import { HttpProblem } from '../../shared/api/errors.ts';
import { readLiveAsset, readLivePage, streamEvents } from '../../shared/api/live.ts';
import { methodsOf, routeKey } from '../../shared/api/route.ts';
import { type ApiEvent, shownPath } from '../../shared/http/request-state.ts';
import { answerOptions, methodNotAllowed, redirectTo } from '../../shared/http/responses.ts';
import { startPositionOf } from './cursor.ts';
import type { PageFiles } from './page.ts';
import { assetResponse, documentResponse, type TextResponse } from './page.ts';
import type { ViewerRegistry } from './viewer-registry.ts';

/** A response whose body is generated while it is read. */
export interface StreamResponse {
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
export type LiveApp = (event: ApiEvent, remainingMs: number) => Promise<StreamResponse | TextResponse>;

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
export function routeOfPath(path: string): string {
  if (path.startsWith(ASSET_PREFIX)) return routeKey(readLiveAsset);
  return PAGES.includes(path) ? `GET ${path}` : '$default';
}

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
