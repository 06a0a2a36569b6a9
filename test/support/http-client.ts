import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { SeenAnswer } from './documented.ts';

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** After so many refusals in a row the last one is the answer. */
const MAX_ATTEMPTS = 10;

/**
 * The same as `send`, but what was answered by a 503 with `Retry-After`, which promises that nothing happened, is sent again
 * as a client would: a server behind a host that stood still for seconds counts as away.
 */
export async function sendPatiently(...request: Parameters<typeof send>): Promise<SeenAnswer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await send(...request);
    const retryAfter = answer.headers['retry-after'];
    if (answer.status !== 503 || retryAfter === undefined || attempt === MAX_ATTEMPTS) return answer;
    await delay(Number(retryAfter) * 1_000);
  }
}

/**
 * Sends what `fetch` refuses to send: bodies of GET, paths as they are, any header. Nothing is followed or decoded, and of a
 * stream of events, which has no end, only the head is waited for.
 */
export async function send(
  base: string,
  method: string,
  path: string,
  { headers = {}, body }: RequestOptions = {},
): Promise<SeenAnswer> {
  const { hostname, port } = new URL(base);
  const { promise, resolve, reject } = Promise.withResolvers<SeenAnswer>();
  const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  const request = httpRequest({
    hostname,
    port,
    method,
    path,
    headers: { ...headers, ...length },
    agent: false,
  });
  request.on('error', reject);
  request.on('response', (response) => {
    const named = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
    const head = { method, path, status: response.statusCode ?? 0, headers: Object.fromEntries(named) };
    if (response.headers['content-type']?.startsWith('text/event-stream')) {
      response.destroy();
      resolve({ ...head, body: '' });
    } else {
      text(response).then((answered) => resolve({ ...head, body: answered }), reject);
    }
  });
  request.end(body);
  return promise;
}
