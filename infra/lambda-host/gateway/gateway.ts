import type { HostLog } from '../log.ts';
import type { Functions } from '../runtime/functions.ts';
import type { HostedSystem } from '../system.ts';
import { createFunctionUrl } from './function-url.ts';
import { createHttpApi } from './http-api.ts';
import { forbidden, notStarted, type ResponseAmendment, sendResponse } from './http-response.ts';
import type { RequestHandler } from './http-server.ts';
import { isCrossSite } from './same-origin.ts';

/** One address for the HTTP API and the function URL, as CloudFront is on AWS. */
export interface Gateway {
  readonly handle: RequestHandler;
  /** Lets requests in. Before that, and again after `close`, each is answered with 503. */
  open(): void;
  close(): void;
}

export interface GatewayOptions {
  readonly system: HostedSystem;
  readonly functions: Functions;
  readonly region: string;
  readonly log: HostLog;
  readonly amend?: ResponseAmendment | undefined;
}

export function createGateway({ system, functions, region, log, amend }: GatewayOptions): Gateway {
  const { functionUrl } = system;
  const api = createHttpApi(system, functions, region, log, { amend });
  const stream = functionUrl && createFunctionUrl(functionUrl.function, functions, region);
  const isStream = (url = '') => functionUrl?.pathPrefixes.some((prefix) => url.startsWith(prefix));
  let isOpen = false;
  return {
    async handle(message, response) {
      if (isCrossSite(message.method, message.headers)) return sendResponse(response, forbidden);
      if (isOpen) return stream && isStream(message.url) ? stream(message, response) : api(message, response);
      response.setHeader('connection', 'close');
      sendResponse(response, notStarted);
    },
    open: () => {
      isOpen = true;
    },
    close: () => {
      isOpen = false;
    },
  };
}
