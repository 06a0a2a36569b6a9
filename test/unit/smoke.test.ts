import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { expect, it } from 'vitest';
import { smoke } from '../../infra/aws/smoke.ts';

const IDLE = { day_index: -1, total_days: 0, run_id: null };

/** Smoke against a system without a data set, whose health answers so the first times it is asked, and then 200. */
async function smokeOn(health: readonly number[], healthyWithinMs: number) {
  let asked = 0;
  const server = createServer(({ url }, response) => {
    if (url?.startsWith('/health')) {
      response.writeHead(health[asked] ?? 200).end(JSON.stringify({ detail: 'Down: mysql.' }));
      asked += 1;
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

it('waits for servers that do not answer at once', async () => {
  const { asked, failure } = await smokeOn([503, 503], 60_000);
  expect(asked).toBe(3);
  expect(failure).toContain('the simulation has its dates: no data set is loaded');
});

it('says which servers do not answer at all', async () => {
  const { failure } = await smokeOn(Array(100).fill(503), 0);
  expect(failure).toContain('every server behind it answers: GET /health?deep=1 answered 503');
  expect(failure).toContain('Down: mysql.');
});
