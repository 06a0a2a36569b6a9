import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { smoke } from '../../../../../infra/local/cli/smoke-test.ts';

const IDLE = { day_index: -1, total_days: 0, run_id: null };

type Answer = (response: ServerResponse) => void;

const WELL: Answer = (response) => response.end(JSON.stringify({ status: 'ok', service: 'api' }));
const problem =
  (status: number): Answer =>
  (response) =>
    response.writeHead(status).end(JSON.stringify({ detail: 'Down: mysql.' }));

/** Runs the smoke test on a system without a data set whose health check gives these responses first, then a healthy one. */
async function smokeOn(health: readonly Answer[], healthyWithinMs: number) {
  let asked = 0;
  const server = createServer(({ url }, response) => {
    if (url?.startsWith('/health')) {
      const answer = health[asked] ?? WELL;
      asked += 1;
      answer(response);
    } else if (url === '/stream/live') response.writeHead(200, { 'content-type': 'text/html' }).end();
    else response.end(JSON.stringify(IDLE));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const failure = await smoke({ url, token: '', say: () => {}, healthyWithinMs }).then(
    () => '',
    (error: unknown) => String(error),
  );
  server.close();
  return { asked, failure };
}

it.each([
  ['report an outage', problem(503)],
  ['have failed', problem(500)],
  ['break off the connection', (response: ServerResponse) => void response.destroy()],
])('the smoke test waits for servers that %s at first', async (_, answer) => {
  const { asked, failure } = await smokeOn([answer, answer], 60_000);
  expect(asked).toBe(3);
  expect(failure).toContain('the simulation has a calendar (no data set is loaded');
});

it('the smoke test names the servers that never answer', async () => {
  const { failure } = await smokeOn(Array(100).fill(problem(503)), 0);
  expect(failure).toContain('every server answers (GET /health?deep=1 answered 503');
  expect(failure).toContain('Down: mysql.');
});

it.each([
  ['refuses the request', problem(403), 'GET /health?deep=1 answered 403'],
  [
    'is from another system',
    (response: ServerResponse) => void response.end('<html>'),
    'GET /health?deep=1 answered in an unexpected form: <html>',
  ],
  [
    'has an unknown status',
    (response: ServerResponse) => void response.end('{"status":"degraded"}'),
    '"status"',
  ],
])('the smoke test does not retry a response that %s', async (_, answer, reason) => {
  const { asked, failure } = await smokeOn(Array(100).fill(answer), 60_000);
  expect(asked).toBe(1);
  expect(failure).toContain('every server answers');
  expect(failure).toContain(reason);
});
