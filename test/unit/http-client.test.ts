import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { fetchPatiently, sendPatiently } from '../support/http-client.ts';

const REFUSED = { status: 503, headers: { 'retry-after': '0' }, body: 'later' };
const UNKNOWN = { status: 503, headers: {}, body: 'outcome unknown' };
const TAKEN = { status: 200, headers: {}, body: 'taken' };

let server: Server;
afterEach(() => server.close());

/** A server that gives these answers one after the other. */
async function answering(...answers: (typeof REFUSED | typeof UNKNOWN)[]): Promise<string> {
  server = createServer((_request, response) => {
    const { status, headers, body } = answers.shift() ?? TAKEN;
    response.writeHead(status, headers).end(body);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

it('what is refused with Retry-After is sent again, and every answer is checked', async () => {
  const seen: string[] = [];
  const base = await answering(REFUSED, REFUSED);
  const answer = await sendPatiently(({ body }) => void seen.push(body), base, 'POST', '/');
  expect(answer).toMatchObject({ status: 200, body: 'taken' });
  expect(seen).toEqual(['later', 'later', 'taken']);
});

it('a refusal that is not as it should be is told, though the next answer might be', async () => {
  const check = ({ body }: { body: string }) => expect(body).toBe('taken');
  await expect(sendPatiently(check, await answering(REFUSED), 'POST', '/')).rejects.toThrow("'later'");
});

it('what may have happened is not sent again', async () => {
  const answer = await fetchPatiently(await answering(REFUSED, UNKNOWN), { method: 'POST' });
  expect(await answer.text()).toBe('outcome unknown');
});
