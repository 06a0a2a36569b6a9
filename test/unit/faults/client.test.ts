import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../faults/client.ts';

/** What a client complains of after one request. The host is away as often as the server says. */
async function complaintsAt(answer: (leave: () => void, ...exchange: Parameters<RequestListener>) => void) {
  let times = 0;
  const leave = () => {
    times += 1;
  };
  const server = createServer((...exchange) => answer(leave, ...exchange)).listen(0, '127.0.0.1');
  onTestFinished(() => void server.close());
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const client = createClient(url, { isAway: () => false, times: () => times }, async (check) => check());
  await client.send('GET', '/health');
  return client.complaints;
}

it('an answer that did not come is complained of', async () => {
  const complaints = await complaintsAt((_leave, _request, response) => response.destroy());
  expect(complaints).toEqual([expect.stringMatching(/^GET \/health: not answered/)]);
});

it('but not where the host has been away and come back meanwhile', async () => {
  const complaints = await complaintsAt((leave, _request, response) => {
    leave();
    response.destroy();
  });
  expect(complaints).toEqual([]);
});
