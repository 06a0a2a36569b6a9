/**
 * Lambda's Runtime API for one execution environment: hands out one invocation at a time and takes its response, as
 * https://docs.aws.amazon.com/lambda/latest/dg/runtimes-api.html describes it.
 */
import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Readable } from 'node:stream';

/** What a function responds: JSON, or a body that arrives in pieces. */
export type Response =
  | { readonly kind: 'result'; readonly payload: string }
  | { readonly kind: 'stream'; readonly contentType: string; readonly body: Readable }
  | { readonly kind: 'error'; readonly payload: string };

interface Invocation {
  readonly id: string;
  readonly event: string;
  readonly timeoutMs: number;
  readonly functionArn: string;
  readonly respond: (response: Response) => void;
}

export interface RuntimeApi {
  /** `host:port`, for `AWS_LAMBDA_RUNTIME_API`. */
  readonly address: string;
  /** Resolves when the function asks for its first invocation; rejects if its start fails. */
  readonly ready: Promise<void>;
  /** Hands an event (JSON) to the function. One at a time. */
  invoke(
    event: string,
    options: { readonly timeoutMs: number; readonly functionArn: string },
  ): Promise<Response>;
  close(): void;
}

const PREFIX = '/2018-06-01/runtime';

export async function openRuntimeApi(): Promise<RuntimeApi> {
  const ready = Promise.withResolvers<void>();
  let waiting: ServerResponse | undefined;
  let queued: Invocation | undefined;
  let current: Invocation | undefined;

  function hand(): void {
    if (!waiting || !queued) return;
    const response = waiting;
    current = queued;
    [waiting, queued] = [undefined, undefined];
    response.writeHead(200, {
      'content-type': 'application/json',
      'lambda-runtime-aws-request-id': current.id,
      'lambda-runtime-deadline-ms': Date.now() + current.timeoutMs,
      'lambda-runtime-invoked-function-arn': current.functionArn,
      'lambda-runtime-trace-id': `Root=1-${randomUUID().slice(0, 8)}-${randomUUID().replaceAll('-', '').slice(0, 24)}`,
    });
    response.end(current.event);
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const path = request.url ?? '';
    if (path === `${PREFIX}/invocation/next`) {
      ready.resolve();
      waiting = response;
      return hand();
    }
    if (path === `${PREFIX}/init/error`) {
      ready.reject(new Error(`The function failed to start: ${await textOf(request)}`));
    } else if (
      path.endsWith('/response') &&
      request.headers['lambda-runtime-function-response-mode'] === 'streaming'
    ) {
      const contentType = request.headers['content-type'] ?? '';
      current?.respond({ kind: 'stream', contentType, body: request });
      await new Promise((resolve) => request.once('close', resolve));
    } else if (path.endsWith('/response')) {
      current?.respond({ kind: 'result', payload: await textOf(request) });
    } else if (path.endsWith('/error')) {
      current?.respond({ kind: 'error', payload: await textOf(request) });
    }
    response.writeHead(202, { 'content-type': 'application/json' }).end('{"status":"OK"}');
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  // A function waits for its next invocation as long as it lives.
  server.requestTimeout = 0;
  server.listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return {
    address: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    ready: ready.promise,
    invoke(event, options) {
      return new Promise((respond) => {
        queued = { id: randomUUID(), event, ...options, respond };
        hand();
      });
    },
    close() {
      ready.promise.catch(() => undefined);
      ready.reject(new Error('The Runtime API was closed.'));
      server.closeAllConnections();
      server.close();
    },
  };
}

async function textOf(request: IncomingMessage): Promise<string> {
  return Buffer.concat(await request.toArray()).toString();
}
