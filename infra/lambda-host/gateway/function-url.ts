/** A function URL with response streaming. */
import type { ServerResponse } from 'node:http';
import type { Functions } from '../runtime/functions.ts';
import type { StreamHandle, StreamSink } from '../runtime/multiplexer.ts';
import { functionUrlEndpoint, functionUrlEvent, httpRequest } from './http-event.ts';
import { gatewayMessage, refuseLargeBody, sendResponse, writeHead } from './http-response.ts';
import { type RequestHandler, readBody } from './http-server.ts';

/** Lambda's limit for an event. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

export function createFunctionUrl(
  name: string,
  functions: Pick<Functions, 'stream'>,
  region: string,
): RequestHandler {
  const endpoint = functionUrlEndpoint(region);
  return async (message, response) => {
    const body = await readBody(message, MAX_BODY_BYTES);
    if (body === null) return refuseLargeBody(response);
    const event = functionUrlEvent(httpRequest(message, body), endpoint);
    connect(response, (sink) => functions.stream(name, JSON.stringify(event), sink));
  };
}

/** Connects a response to a stream: the function's chunks are sent, and a disconnect closes the function's stream. */
function connect(response: ServerResponse, open: (sink: StreamSink) => StreamHandle): void {
  const handle = open({
    prelude: (prelude) => {
      try {
        writeHead(response, prelude);
        response.flushHeaders();
      } catch {
        // A header that HTTP doesn't allow.
        badGateway(response);
        handle.abort();
      }
    },
    chunk: (bytes) => !response.destroyed && response.write(bytes),
    end: () => response.end(),
    fail: () => {
      if (response.headersSent) response.destroy();
      else badGateway(response);
    },
  });
  // A chunk may arrive between the disconnect and its event; without a listener that error would end the host.
  response.on('error', handle.abort);
  response.on('drain', handle.drained);
  response.on('close', handle.abort);
}

/** The response of a function URL whose function failed before its response began. */
function badGateway(response: ServerResponse): void {
  for (const name of response.getHeaderNames()) response.removeHeader(name);
  sendResponse(response, gatewayMessage(502, 'Internal Server Error'));
}
