import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** A request as events are made of it. */
export interface HttpRequest {
  readonly method: string;
  /** As sent, percent-encoded, without the query. */
  readonly path: string;
  /** As sent, without the question mark; empty if there is none. */
  readonly query: string;
  /** Names and values alternate, as sent. */
  readonly rawHeaders: readonly string[];
  readonly protocol: string;
  readonly sourceIp: string;
  /** The port that the client reached. */
  readonly port: number;
  readonly receivedAt: Date;
  readonly requestId: string;
  readonly body: Buffer;
}

/** The parts of a request, once its body has been read. */
export function httpRequest(message: IncomingMessage, body: Buffer): HttpRequest {
  const url = message.url ?? '/';
  const queryStart = url.indexOf('?');
  return {
    method: message.method ?? 'GET',
    path: queryStart < 0 ? url : url.slice(0, queryStart),
    query: queryStart < 0 ? '' : url.slice(queryStart + 1),
    rawHeaders: message.rawHeaders,
    protocol: `HTTP/${message.httpVersion}`,
    sourceIp: (message.socket.remoteAddress ?? '').replace(/^::ffff:/, ''),
    port: message.socket.localPort ?? 0,
    receivedAt: new Date(),
    requestId: newRequestId(),
    body,
  };
}

/** API Gateway's ids are 11 bytes of base64 with an equals sign. */
function newRequestId(): string {
  return `${randomBytes(11).toString('base64url')}=`;
}
