import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createClient } from '../../faults/client.ts';

/** The violations a client reports after one request. The server decides how often the host is away. */
async function violationsAt(answer: (leave: () => void, ...exchange: Parameters<RequestListener>) => void) {
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
  return client.violations;
}

it('an answer that did not come is complained of', async () => {
  const violations = await violationsAt((_leave, _request, response) => response.destroy());
  expect(violations).toEqual([expect.stringMatching(/^GET \/health: not answered/)]);
});

it('but not where the host has been away and come back meanwhile', async () => {
  const violations = await violationsAt((leave, _request, response) => {
    leave();
    response.destroy();
  });
  expect(violations).toEqual([]);
});
