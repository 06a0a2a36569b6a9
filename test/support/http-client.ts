import { request as httpRequest } from 'node:http';
import { text } from 'node:stream/consumers';
import type { SeenAnswer } from './documented.ts';

export interface RequestOptions {
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** Sends what `fetch` refuses to send: bodies of GET, paths as they are, any header. Nothing is followed or decoded. */
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
    text(response)
      .then((answered) => {
        const named = Object.entries(response.headers).map(([name, value]) => [name, String(value)]);
        resolve({
          method,
          path,
          status: response.statusCode ?? 0,
          headers: Object.fromEntries(named),
          body: answered,
        });
      })
      .catch(reject);
  });
  request.end(body);
  return promise;
}
