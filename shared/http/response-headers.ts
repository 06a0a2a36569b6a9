import type { HttpMiddleware, HttpResponse } from './request-state.ts';

/** Responses other than pages load nothing, run nothing and can't be framed, should a browser display one. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** The headers of every response. On AWS CloudFront adds them to responses that don't come from a function. */
export const standardHeaders = {
  'cache-control': 'no-store',
  'content-security-policy': CONTENT_SECURITY_POLICY,
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

/** Headers that the response sets itself win. There are none for CORS: page, API and stream are one origin. */
function withStandardHeaders(response: HttpResponse, traceparent: string): HttpResponse {
  return {
    ...response,
    headers: {
      ...standardHeaders,
      traceparent,
      ...response.headers,
    },
  };
}

/** Adds the headers that every response has, errors included. */
export function responseHeaders(): HttpMiddleware {
  const complete: HttpMiddleware['after'] = (request) => {
    if (request.response)
      request.response = withStandardHeaders(request.response, request.internal.traceparent);
  };
  return { after: complete, onError: complete };
}

/** Answers HEAD as GET, errors included, without the body. */
export function headWithoutBody(): HttpMiddleware {
  const strip: HttpMiddleware['after'] = (request) => {
    if (!request.response || request.event.requestContext.http.method !== 'HEAD') return;
    const { isBase64Encoded: _encoding, ...response } = request.response;
    request.response = { ...response, body: '' };
  };
  return { after: strip, onError: strip };
}
