import type { MiddlewareObj } from '@middy/core';
import type { ApiResponse, Exchange } from './exchange.ts';

/** Answers HEAD with what GET would be answered, errors included, but for the body. */
export function headWithoutBody(): MiddlewareObj<Exchange, ApiResponse> {
  const strip: MiddlewareObj<Exchange, ApiResponse>['after'] = (request) => {
    if (!request.response || request.event.event.requestContext.http.method !== 'HEAD') return;
    const { isBase64Encoded: _encoding, ...response } = request.response;
    request.response = { ...response, body: '' };
  };
  return { after: strip, onError: strip };
}
