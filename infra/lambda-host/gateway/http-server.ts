import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { HostLog } from '../log.ts';

export type RequestHandler = (message: IncomingMessage, response: ServerResponse) => Promise<void>;

/** An HTTP server on the loopback interface. */
export interface HttpServer {
  readonly url: string;
  /** Refuses new requests; resolves when the running ones are answered, at the latest after `graceMs` milliseconds. */
  close(graceMs: number): Promise<void>;
}

/** More than the functions accept, so that they refuse a request with too many headers themselves. */
const MAX_HEADER_BYTES = 65_536;

/** Connections that may wait to be accepted: a burst beyond Node's 511 would stall for seconds. The system may allow fewer. */
const BACKLOG = 4_096;

/** Limits per server; tests lower them. */
export interface HttpServerLimits {
  /** Time until a request must be complete, head and body, in milliseconds; after that it gets 408. */
  readonly requestMs: number;
  /** How often that is checked, in milliseconds. */
  readonly checkEveryMs: number;
  /** Concurrent connections; one more is closed immediately. Enough for ten thousand requests beside all streams. */
  readonly connections: number;
}

const LIMITS: HttpServerLimits = { requestMs: 30_000, checkEveryMs: 5_000, connections: 16_384 };

/** Longer than clients keep an idle connection, so that none sends on one that is being closed. */
const KEEP_ALIVE_MS = 75_000;

/**
 * Listens on 127.0.0.1.
 *
 * @param port 0 picks a free one.
 * @throws the system's error, such as EADDRINUSE.
 */
export async function openHttpServer(
  port: number,
  handle: RequestHandler,
  log: HostLog,
  limits: HttpServerLimits = LIMITS,
): Promise<HttpServer> {
  const server = createServer({
    keepAliveTimeout: KEEP_ALIVE_MS,
    requestTimeout: limits.requestMs,
    headersTimeout: limits.requestMs,
    connectionsCheckingInterval: limits.checkEveryMs,
    maxHeaderSize: MAX_HEADER_BYTES,
  });
  server.maxConnections = limits.connections;
  server.on('request', (message: IncomingMessage, response: ServerResponse) => {
    handle(message, response).catch((error: unknown) => {
      // A client that disconnects while it sends is no error of the host.
      if (!message.destroyed)
        log.write('ERROR', 'A request could not be answered.', { cause: String(error) });
      response.destroy();
    });
  });
  const address = await listen(server, port);
  return { url: `http://127.0.0.1:${address.port}`, close: (graceMs) => close(server, graceMs) };
}

function listen(server: Server, port: number): Promise<AddressInfo> {
  const { promise, resolve, reject } = Promise.withResolvers<AddressInfo>();
  server.once('error', reject);
  server.listen({ port, host: '127.0.0.1', backlog: BACKLOG }, () => {
    server.off('error', reject);
    const address = server.address();
    if (address === null || typeof address === 'string') reject(new Error('The server has no port.'));
    else resolve(address);
  });
  return promise;
}

async function close(server: Server, graceMs: number): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  server.close(() => resolve());
  server.closeIdleConnections();
  const timer = setTimeout(() => server.closeAllConnections(), graceMs);
  // Connections become idle one by one as their requests are answered.
  const sweep = setInterval(() => server.closeIdleConnections(), 50);
  await promise;
  clearTimeout(timer);
  clearInterval(sweep);
}

/**
 * Reads the body of a request.
 *
 * @param limit In bytes.
 * @returns null if the body is larger. The rest of it is left unread: the connection can answer but not be used again.
 * @throws if the client disconnects first.
 */
export function readBody(message: IncomingMessage, limit: number): Promise<Buffer | null> {
  if (Number(message.headers['content-length'] ?? 0) > limit) return Promise.resolve(null);
  const { promise, resolve, reject } = Promise.withResolvers<Buffer | null>();
  const chunks: Buffer[] = [];
  let size = 0;
  message.on('data', (chunk: Buffer) => {
    size += chunk.length;
    chunks.push(chunk);
    if (size <= limit) return;
    message.pause();
    chunks.length = 0;
    resolve(null);
  });
  message.on('end', () => resolve(Buffer.concat(chunks)));
  message.on('error', reject);
  return promise;
}
