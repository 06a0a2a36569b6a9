import type { MiddlewareObj } from '@middy/core';
import type { Exchange } from './exchange.ts';
import { type LogWriter, requestLogOf } from './request-log.ts';

/** Parses the request by its route's schemas, so that the route's implementation sees valid input only. */
export function requestParsing(log: LogWriter): MiddlewareObj<Exchange> {
  return {
    before({ event: exchange }) {
      const { implementation, event, traceparent } = exchange;
      if (implementation)
        exchange.run = implementation.prepare(event, traceparent, requestLogOf(log, traceparent));
    },
  };
}
