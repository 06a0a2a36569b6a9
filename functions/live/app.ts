import type { Readable } from 'node:stream';
import { HttpProblem } from '../../shared/http/errors.ts';
import { type ApiEvent, shownPath } from '../../shared/http/exchange.ts';
import type { Audience } from './audience.ts';
import type { PageFiles } from './page-files.ts';
import { assetResponse, documentResponse, type TextResponse } from './page-response.ts';
import { resumePoint } from './resume-point.ts';

/** An answer whose body is made while it is read. */
export interface StreamResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Readable;
}

export interface LiveAppOptions {
  readonly audience: Pick<Audience, 'open'>;
  readonly pageFiles: () => Promise<PageFiles>;
  readonly lifetimeMs: number;
}

/**
 * Answers a request of the function URL.
 *
 * @param remainingMs What the invocation has left before it is cut off.
 * @throws HttpProblem for what it doesn't serve.
 */
export type LiveApp = (event: ApiEvent, remainingMs: number) => Promise<StreamResponse | TextResponse>;

const DOCUMENT_PATH = '/stream/live';
const EVENTS_PATH = '/stream/events';
const ASSET_PREFIX = '/stream/assets/';

const EVENT_STREAM_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // Proxies must neither keep, compress nor collect what is meant to arrive at once.
  'cache-control': 'no-store, no-transform',
  'x-accel-buffering': 'no',
  'x-content-type-options': 'nosniff',
} as const;

/** A stream ends that long before its invocation would be cut off. */
const RESERVE_MS = 5_000;

export function createLiveApp({ audience, pageFiles, lifetimeMs }: LiveAppOptions): LiveApp {
  function openStream(event: ApiEvent, remainingMs: number): StreamResponse {
    const body = audience.open(resumePoint(event), Math.min(lifetimeMs, remainingMs - RESERVE_MS));
    return { statusCode: 200, headers: EVENT_STREAM_HEADERS, body };
  }

  return async (event, remainingMs) => {
    const { rawPath } = event;
    const ifNoneMatch = event.headers['if-none-match'];
    if (rawPath === EVENTS_PATH) {
      allowOnly(['GET'], event);
      return openStream(event, remainingMs);
    }
    if (rawPath === DOCUMENT_PATH) {
      allowOnly(['GET', 'HEAD'], event);
      return withoutBodyForHead(event, documentResponse((await pageFiles()).document, ifNoneMatch));
    }
    const asset = rawPath.startsWith(ASSET_PREFIX)
      ? (await pageFiles()).assets.get(rawPath.slice(ASSET_PREFIX.length))
      : undefined;
    if (!asset) throw new HttpProblem('not_found', `Nothing is served under ${shownPath(event)}.`);
    allowOnly(['GET', 'HEAD'], event);
    return withoutBodyForHead(event, assetResponse(asset, ifNoneMatch));
  };
}

function methodOf(event: ApiEvent): string {
  return event.requestContext.http.method;
}

function allowOnly(methods: readonly string[], event: ApiEvent): void {
  if (methods.includes(methodOf(event))) return;
  const allow = methods.join(', ');
  const detail = `${shownPath(event)} does not take ${methodOf(event)}; use ${allow}.`;
  throw new HttpProblem('method_not_allowed', detail, { headers: { allow } });
}

function withoutBodyForHead(event: ApiEvent, response: TextResponse): TextResponse {
  return methodOf(event) === 'HEAD' ? { ...response, body: '' } : response;
}
