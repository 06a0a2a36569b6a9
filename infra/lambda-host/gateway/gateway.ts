import type { HostLog } from '../log.ts';
import type { ResponseAmendment } from '../metrics/process-metrics.ts';
import type { Functions } from '../runtime/functions.ts';
import type { SystemDescription } from '../system-description.ts';
import { createFunctionUrl } from './function-url.ts';
import { createHttpApi, type RequestHandler } from './http-api.ts';
import { forbidden, notBegun, sendResponse } from './http-response.ts';
import { bodyRoom } from './request-body.ts';
import { isForeign } from './same-origin.ts';

/** What CloudFront is on AWS: one address for the HTTP API and the function URL. */
export interface FrontDoor {
  readonly handle: RequestHandler;
  /** Until it is opened, and again once it is shut, every request is answered with 503. */
  open(): void;
  shut(): void;
}

export function createFrontDoor(
  system: SystemDescription,
  functions: Functions,
  region: string,
  log: HostLog,
  amend: ResponseAmendment,
): FrontDoor {
  const room = bodyRoom();
  const api = createHttpApi(system, functions, region, log, { amend, room });
  const stream = createFunctionUrl(system.functionUrl.function, functions, region, room);
  const isStream = (url = '') => system.functionUrl.pathPrefixes.some((prefix) => url.startsWith(prefix));
  let isOpen = false;
  return {
    async handle(message, response) {
      if (isForeign(message.method, message.headers)) return sendResponse(response, forbidden);
      if (isOpen) return isStream(message.url) ? stream(message, response) : api(message, response);
      response.setHeader('connection', 'close');
      sendResponse(response, notBegun);
    },
    open: () => {
      isOpen = true;
    },
    shut: () => {
      isOpen = false;
    },
  };
}
