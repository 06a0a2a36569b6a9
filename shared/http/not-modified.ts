import type { MiddlewareObj } from '@middy/core';
import type { ApiResponse, Exchange } from './exchange.ts';
import { namesTag } from './version-headers.ts';

/** Answers 304 without a body to a client that has the answer already. */
export function notModified(): MiddlewareObj<Exchange, ApiResponse> {
  return {
    after(request) {
      const { etag, 'cache-control': cacheControl } = request.response?.headers ?? {};
      if (!etag || !cacheControl) return;
      if (!namesTag(request.event.event.headers['if-none-match'], etag)) return;
      request.response = { statusCode: 304, headers: { etag, 'cache-control': cacheControl }, body: '' };
    },
  };
}
