import { Agent, request } from 'node:http';
import { json } from 'node:stream/consumers';
import { untilTaken } from './http-client.ts';

/** The answer to a POST. */
export interface PostAnswer {
  readonly status: number;
  readonly contentType: string;
  readonly body: unknown;
}

/** Refusals in a row after which a request gives up. */
const MAX_ATTEMPTS = 60;

/** Ten times as many would only make a busy machine drop connections before they are accepted. */
const MAX_CONNECTIONS = 1_000;

/**
 * Sends POSTs all at once, on as many connections as a machine handles well. A request the host had no time to start (503 with `Retry-After`, which
 * promises that nothing happened) is repeated, as a client would.
 */
export async function postInParallel(base: string, paths: readonly string[]): Promise<PostAnswer[]> {
  const agent = new Agent({ keepAlive: true, maxSockets: MAX_CONNECTIONS });
  const postPatiently = async (path: string) => {
    const { retryAfter: _of, ...answer } = await untilTaken(
      () => post(new URL(path, base), agent),
      (refused) => refused,
      MAX_ATTEMPTS,
    );
    return answer;
  };
  const answers = await Promise.all(paths.map(postPatiently));
  agent.destroy();
  return answers;
}

function post(url: URL, agent: Agent): Promise<PostAnswer & { readonly retryAfter: string | undefined }> {
  const { promise, resolve, reject } = Promise.withResolvers<
    PostAnswer & { readonly retryAfter: string | undefined }
  >();
  const outgoing = request(url, { method: 'POST', agent });
  outgoing.on('error', reject);
  outgoing.on('response', (response) => {
    const { statusCode: status = 0, headers } = response;
    const head = { status, contentType: headers['content-type'] ?? '', retryAfter: headers['retry-after'] };
    json(response).then((body) => resolve({ ...head, body }), reject);
  });
  outgoing.end();
  return promise;
}
