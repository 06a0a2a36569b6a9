import type { MiddlewareObj } from '@middy/core';
import { routeKey } from '../api/route.ts';
import type { Metrics } from '../observability/metrics.ts';
import type { ApiResponse, Exchange } from './exchange.ts';

/** What requests for unknown paths are counted under: they could be any. */
const NO_ROUTE = '$default';

/** The route of an API's request as API Gateway names it. */
export function routeOfExchange({ implementation }: Exchange): string {
  return implementation ? routeKey(implementation.route) : NO_ROUTE;
}

/** Tells how long each request took, and whether it failed by a fault of ours. */
export function requestMetrics(
  metrics: Metrics,
  routeOf: (exchange: Exchange) => string,
): MiddlewareObj<Exchange, ApiResponse> {
  const tell: MiddlewareObj<Exchange, ApiResponse>['after'] = ({ event: exchange, response }) => {
    const status = response?.statusCode ?? 500;
    metrics.record(
      {
        http_request_duration: (performance.now() - exchange.startedAt) / 1_000,
        http_server_errors: Number(status >= 500),
      },
      { route: routeOf(exchange), status: String(status) },
    );
  };
  return { after: tell, onError: tell };
}
