import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import type { HostLog } from '../log.ts';
import type { Functions } from '../runtime/functions.ts';
import type { StreamHandle, StreamSink } from '../runtime/multiplexer.ts';
import type { HostedSystem } from '../system.ts';
import { createHttpApi } from './http-api.ts';
import { functionUrlEndpoint, functionUrlEvent, httpRequest } from './http-event.ts';
import {
  type GatewayResponse,
  gatewayMessage,
  notStarted,
  type ResponseAmendment,
  refuseLargeBody,
  sendResponse,
  writeHead,
} from './http-response.ts';
import { type RequestHandler, readBody } from './http-server.ts';
import { createRefuser, refusalOf } from './same-origin.ts';

/** One address for the HTTP API and the function URL, as CloudFront is on AWS. */
export interface Gateway {
  readonly handle: RequestHandler;
  /** Lets requests in. Before that, and again after `close`, each is answered with 503. */
  open(): void;
  close(): void;
}

/** Routes of the host itself. */
export type OwnRoutes = (request: OwnRequest) => Promise<GatewayResponse | null>;

export interface OwnRequest {
  readonly method: string;
  /** With the query. */
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
  /** @returns null if the body is larger than a limit, in bytes. */
  body(limit: number): Promise<Buffer | null>;
}

export interface GatewayOptions {
  readonly system: HostedSystem;
  readonly functions: Functions;
  readonly region: string;
  readonly log: HostLog;
  readonly amend?: ResponseAmendment | undefined;
  readonly ownRoutes?: OwnRoutes | undefined;
  readonly publicAddress?: PublicAddress | undefined;
}

/** How a proxy makes the host available. */
export interface PublicAddress {
  /** Names other than those of this machine, in lower case and without a port. */
  readonly allowedHosts: readonly string[];
  /** The path under which everything is served, such as `/shop`; empty for the root. */
  readonly basePath: string;
  /** How to allow another name, in front of it. */
  readonly allowOption: string;
}

const NOT_PROXIED: PublicAddress = { allowedHosts: [], basePath: '', allowOption: 'allowedHosts' };

/** Creates the gateway of a system. Until it is opened, every request is answered with 503. */
export function createGateway(options: GatewayOptions): Gateway {
  const { system, functions, region, log, amend, ownRoutes, publicAddress = NOT_PROXIED } = options;
  const { allowedHosts, basePath, allowOption } = publicAddress;
  const refuse = createRefuser(log, allowOption);
  const { functionUrl } = system;
  const api = createHttpApi(system, functions, region, log, { amend });
  const stream = functionUrl && createFunctionUrl(functionUrl.function, functions, region);
  const isStream = (url = '') => functionUrl?.pathPrefixes.some((prefix) => url.startsWith(prefix));
  let isOpen = false;
  return {
    async handle(message, response) {
      const refusal = refusalOf(message.method, message.headers, allowedHosts);
      if (refusal) return sendResponse(response, refuse(refusal));
      leaveBasePath(message, response, basePath);
      const own = isOpen && (await ownRoutes?.(ownRequest(message)));
      if (own) return sendResponse(response, own);
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

function ownRequest(message: IncomingMessage): OwnRequest {
  const { method = 'GET', url = '/', headers } = message;
  return { method, url, headers, body: (limit) => readBody(message, limit) };
}

/**
 * Makes the functions see paths without the base path, and clients be redirected to paths with it. A path without it is served
 * too, because some proxies remove it.
 */
function leaveBasePath(message: IncomingMessage, response: ServerResponse, basePath: string): void {
  if (basePath === '') return;
  const url = message.url ?? '/';
  const rest = url.slice(basePath.length);
  if (url.startsWith(basePath) && /^([/?]|$)/.test(rest))
    message.url = rest.startsWith('/') ? rest : `/${rest}`;
  const setHeader = response.setHeader.bind(response);
  response.setHeader = (name, value) => {
    const isRedirect = name === 'location' && typeof value === 'string' && value.startsWith('/');
    return setHeader(name, isRedirect ? basePath + value : value);
  };
}

/** A function URL with response streaming. */

/** Lambda's limit for an event. */
const MAX_BODY_BYTES = 6 * 1024 * 1024;

/**
 * Answers requests by a streaming function, as its function URL does in the mode `RESPONSE_STREAM`.
 *
 * @param name Of a function whose invocation is `stream`.
 */
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
