import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as delay } from 'node:timers/promises';
import type { SeenAnswer } from './documented.ts';

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** What an answer says about retrying. */
interface Refusal {
  readonly status: number;
  /** The header `Retry-After`, if there is one. */
  readonly retryAfter: string | null | undefined;
}

/**
 * Retries, as a client would, after a 503 with `Retry-After`, which promises that nothing happened: a server
 * behind a host that stalled for seconds counts as unavailable.
 *
 * @param maxAttempts Refusals in a row after which the last one is returned.
 */
export async function untilTaken<Answer>(
  request: () => Promise<Answer>,
  refusalOf: (answer: Answer) => Refusal,
  maxAttempts = 10,
): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await request();
    const { status, retryAfter } = refusalOf(answer);
    if (status !== 503 || !retryAfter || attempt === maxAttempts) return answer;
    await delay(Number(retryAfter) * 1_000);
  }
}

/** `send` until it is accepted. @param check Throws if any answer, including refusals, is wrong. */
export function sendPatiently(
  check: (answer: SeenAnswer) => void,
  ...request: Parameters<typeof send>
): Promise<SeenAnswer> {
  const checked = async () => {
    const answer = await send(...request);
    check(answer);
    return answer;
  };
  return untilTaken(checked, ({ status, headers }) => ({ status, retryAfter: headers['retry-after'] }));
}

/** `fetch` until it is accepted. */
export function fetchPatiently(...request: Parameters<typeof fetch>): Promise<Response> {
  return untilTaken(
    () => fetch(...request),
    ({ status, headers }) => ({ status, retryAfter: headers.get('retry-after') }),
  );
}

/**
 * Sends what `fetch` refuses to: GET bodies, raw paths, any header. Nothing is followed or decoded, and for an event
 * stream, which has no end, only the head is awaited.
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
