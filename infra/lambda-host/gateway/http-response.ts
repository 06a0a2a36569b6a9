/** Converts a function's result to an HTTP response as API Gateway's HTTP API does, payload format 2.0. */

import type { ServerResponse } from 'node:http';
import type { MetricsOptions, ProcessMetrics } from '../metrics/process-metrics.ts';

export interface GatewayResponse {
  readonly statusCode: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly cookies: readonly string[];
  readonly body: Buffer;
}

/** Changes a response before it is sent, by the key of its route. */
export type ResponseAmendment = (
  routeKey: string,
  response: GatewayResponse,
) => GatewayResponse | Promise<GatewayResponse>;

/** Appends the collected metrics to the response that `page` names, and leaves every other response alone. */
export function appendMetrics(
  metrics: Pick<ProcessMetrics, 'text'>,
  page: MetricsOptions['page'],
): ResponseAmendment {
  return async (routeKey, response) => {
    const isPage = routeKey === page.routeKey && response.headers['content-type'] === page.contentType;
    if (!isPage || response.statusCode !== 200) return response;
    return { ...response, body: Buffer.concat([response.body, Buffer.from(await metrics.text())]) };
  };
}

/**
 * A response of the gateway itself.
 *
 * @example gatewayMessage(404, 'Not Found') // body {"message":"Not Found"}
 */
export function gatewayMessage(statusCode: number, message: string): GatewayResponse {
  return {
    statusCode,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(JSON.stringify({ message })),
  };
}

export const internalServerError = gatewayMessage(500, 'Internal Server Error');
export const serviceUnavailable = gatewayMessage(503, 'Service Unavailable');
/** The request couldn't start in time: nothing has happened, and it may be sent again. */
export const notStarted: GatewayResponse = {
  ...serviceUnavailable,
  headers: { ...serviceUnavailable.headers, 'retry-after': '1' },
};

/**
 * Parses a function's result (JSON). A result without `statusCode` becomes the body of a 200, and a malformed one an internal
 * error.
 *
 * @param apart The bytes of its body, if they were handed over apart from it.
 */
export function httpResponseOf(
  payload: string,
  apart: Uint8Array<ArrayBuffer> | null = null,
): GatewayResponse {
  const answer: unknown = JSON.parse(payload);
  if (!isRecord(answer) || answer.statusCode === undefined) return inferred(answer, payload);
  const { statusCode, headers = {}, cookies = [], body = '', isBase64Encoded = false } = answer;
  if (!isStatusCode(statusCode) || !isRecord(headers) || !isStrings(cookies)) return internalServerError;
  if (typeof body !== 'string') return internalServerError;
  return {
    statusCode,
    headers: { 'content-type': 'text/plain;charset=UTF-8', ...plainHeaders(headers) },
    cookies,
    body: apart ? bytesOf(apart) : Buffer.from(body, isBase64Encoded ? 'base64' : 'utf8'),
  };
}

/** Without a copy. */
function bytesOf({ buffer, byteOffset, byteLength }: Uint8Array<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function inferred(answer: unknown, payload: string): GatewayResponse {
  return {
    statusCode: 200,
    headers: { 'content-type': 'application/json' },
    cookies: [],
    body: Buffer.from(typeof answer === 'string' ? answer : payload),
  };
}

function plainHeaders(headers: Readonly<Record<string, unknown>>): Record<string, string> {
  const entries = Object.entries(headers).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(entries.map(([name, value]) => [name.toLowerCase(), String(value)]));
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isStatusCode(value: unknown): value is number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 200 && value <= 599;
}

function isStrings(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

/** Headers of the connection, which a function can't set. */
const CONNECTION_HEADERS = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
  'upgrade',
]);

/** Writes status and headers. @throws if a header can't be sent. */
export function writeHead(
  response: ServerResponse,
  { statusCode, headers, cookies }: Pick<GatewayResponse, 'statusCode' | 'headers' | 'cookies'>,
): void {
  for (const [name, value] of Object.entries(headers)) {
    if (!CONNECTION_HEADERS.has(name)) response.setHeader(name, value);
  }
  if (cookies.length > 0) response.setHeader('set-cookie', [...cookies]);
  response.writeHead(statusCode);
}

/** A HEAD response may only state the length that GET would have, which the function didn't return. */
function hasLength({ statusCode, body }: GatewayResponse, method: string | undefined): boolean {
  if (method === 'HEAD' && body.byteLength === 0) return false;
  return statusCode !== 204 && statusCode !== 304;
}

/** Sends a complete response. */
export function sendResponse(response: ServerResponse, answer: GatewayResponse): void {
  if (response.destroyed || response.headersSent) return;
  try {
    if (hasLength(answer, response.req.method)) {
      response.setHeader('content-length', answer.body.byteLength);
    }
    writeHead(response, answer);
    response.end(answer.body);
  } catch {
    // A header that HTTP doesn't allow; API Gateway responds alike.
    for (const name of response.getHeaderNames()) response.removeHeader(name);
    response.writeHead(500, { ...internalServerError.headers });
    response.end(internalServerError.body);
  }
}

/** Refuses a body above the limit. The rest of it is left unread, so the connection can't be used again. */
export function refuseLargeBody(response: ServerResponse): void {
  response.setHeader('connection', 'close');
  sendResponse(response, gatewayMessage(413, 'Request Entity Too Large'));
}
