import { HttpProblem } from '../api/errors.ts';
import { MAX_BODY_BYTES, MAX_HEADER_BYTES, MAX_URL_BYTES } from '../api/route.ts';
import type { ApiEvent, HttpMiddleware } from './request-state.ts';

/**
 * Rejects a request that is too large, with or without a route, before anything else inspects it.
 *
 * @throws HttpProblem `uri_too_long`, `headers_too_large` or `payload_too_large`.
 */
export function checkSize(event: ApiEvent): void {
  const url = Buffer.byteLength(event.rawPath) + Buffer.byteLength(event.rawQueryString);
  if (url > MAX_URL_BYTES) throw tooLarge('uri_too_long', 'Path and query have', url, MAX_URL_BYTES);
  const headers = headerBytes(event);
  if (headers > MAX_HEADER_BYTES) {
    throw tooLarge('headers_too_large', 'The headers have', headers, MAX_HEADER_BYTES);
  }
  const body = Buffer.byteLength(event.body ?? '', event.isBase64Encoded ? 'base64' : 'utf8');
  if (body > MAX_BODY_BYTES) throw tooLarge('payload_too_large', 'The body has', body, MAX_BODY_BYTES);
}

/** Names and values, including those that proxies added. */
function headerBytes({ headers, cookies = [] }: ApiEvent): number {
  const texts = [...Object.entries(headers).flat(), ...cookies];
  return texts.reduce((total, text = '') => total + Buffer.byteLength(text), 0);
}

function tooLarge(
  code: 'uri_too_long' | 'headers_too_large' | 'payload_too_large',
  what: string,
  bytes: number,
  limit: number,
): HttpProblem {
  return new HttpProblem(code, `${what} ${bytes} bytes; at most ${limit} are allowed.`);
}

/** Rejects requests that are too large. */
export function requestLimits(): HttpMiddleware {
  return {
    before({ event }) {
      checkSize(event);
    },
  };
}
