import type { MiddlewareObj } from '@middy/core';
import type { ApiResponse, Exchange } from './request-state.ts';

/** Of answers that are no pages, should a browser show one all the same: it loads nothing, runs nothing and is in no frame. */
const CONTENT_SECURITY_POLICY = "default-src 'none'; frame-ancestors 'none'";

/** Headers of every answer. What the answer sets itself wins. Browsers use one origin, so there are none for CORS. */
function withStandardHeaders(response: ApiResponse, traceparent: string): ApiResponse {
  return {
    ...response,
    headers: {
      'cache-control': 'no-store',
      'content-security-policy': CONTENT_SECURITY_POLICY,
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      traceparent,
      ...response.headers,
    },
  };
}

/** Gives every answer, errors included, the headers that all have. */
export function responseHeaders(): MiddlewareObj<Exchange, ApiResponse> {
  const complete: MiddlewareObj<Exchange, ApiResponse>['after'] = (request) => {
    if (request.response) request.response = withStandardHeaders(request.response, request.event.traceparent);
  };
  return { after: complete, onError: complete };
}

/** Answers HEAD with what GET would be answered, errors included, but for the body. */
export function headWithoutBody(): MiddlewareObj<Exchange, ApiResponse> {
  const strip: MiddlewareObj<Exchange, ApiResponse>['after'] = (request) => {
    if (!request.response || request.event.event.requestContext.http.method !== 'HEAD') return;
    const { isBase64Encoded: _encoding, ...response } = request.response;
    request.response = { ...response, body: '' };
  };
  return { after: strip, onError: strip };
}
