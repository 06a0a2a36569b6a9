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

/**
 * Reads a request's body; null once it is longer than the limit: the rest is left unread, so the connection can answer but
 * not be used again.
 *
 * @throws if the client breaks off.
 */
export function readBody(message: IncomingMessage, limit: number): Promise<Buffer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>();
  const chunks: Buffer[] = [];
  let size = 0;
  if (Number(message.headers['content-length'] ?? 0) > limit) return Promise.resolve(null);
  message.on('data', (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= limit) return;
    message.pause();
    resolve(null);
  });
  message.on('end', () => resolve(Buffer.concat(chunks, size)));
  message.on('error', reject);
  return promise;
}
