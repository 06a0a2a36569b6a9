import type { MiddlewareObj } from '@middy/core';
import type { ApiResponse, Exchange } from './exchange.ts';

/** Headers of every answer. What the answer sets itself wins. Browsers use one origin, so there are none for CORS. */
export function withStandardHeaders(response: ApiResponse, traceparent: string): ApiResponse {
  return {
    ...response,
    headers: {
      'cache-control': 'no-store',
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
