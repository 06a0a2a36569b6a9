/** Hostile requests, sent as bytes to a running system, and what it logs about them. */
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { httpRoutes } from '../../../../infra/system.ts';
import { eventually } from '../../../support/eventually.ts';
import { send } from '../../../support/http-client.ts';
import { storedEvents } from '../../../support/sets.ts';
import { type RunningSystem, startSystem } from '../../../support/system.ts';

const TOKEN = 'the-right-token-4f81c9';
const WRONG = 'the-wrong-token-b27d03';
const AUTHORIZED = { authorization: `Bearer ${TOKEN}` };

let system: RunningSystem;
beforeAll(async () => {
  system = await startSystem({ days: 3, apiToken: TOKEN, logLevel: 'DEBUG' });
});
afterAll(() => system?.stop());

const status = async () => JSON.parse((await send(system.url, 'GET', '/simulation/status')).body);

/** Sends bytes on a new connection and reads the response until the connection closes or a stream's head is complete. */
async function raw(lines: readonly string[], body = ''): Promise<string> {
  const socket = connect(Number(new URL(system.url).port), '127.0.0.1');
  await once(socket, 'connect');
  socket.write(`${[...lines, 'host: localhost', 'connection: close'].join('\r\n')}\r\n\r\n${body}`, 'latin1');
  if (!lines[0]?.includes('/stream/events')) return text(socket);
  const [head] = await once(socket, 'data');
  socket.destroy();
  return String(head);
}

const statusOf = (answer: string) => Number(/^HTTP\/1\.1 (\d{3})/.exec(answer)?.[1]);

describe('a write with a wrong token', () => {
  const writes = httpRoutes.flatMap(({ route }) =>
    route.access === 'token' ? [[`${route.method} ${route.path}`, route] as const] : [],
  );

  test.each(writes)('%s with a wrong token is rejected and changes nothing', async (_name, route) => {
    const before = await status();
    for (const authorization of [
      WRONG,
      `Bearer ${WRONG}`,
      `Bearer ${TOKEN}x`,
      `Basic ${TOKEN}`,
      'Bearer ',
      TOKEN,
    ]) {
      const headers = { authorization, 'content-type': 'application/json' };
      const answer = await send(system.url, route.method, route.path, {
        headers,
        body: '{"dates":["2030-01-01"]}',
      });
      expect(answer.status, authorization).toBe(401);
      expect(answer.headers['www-authenticate']).toMatch(/^Bearer\b/);
    }
    expect(await status()).toEqual(before);
  });
});

describe('a path that tries to escape its folder', () => {
  test.each([
    '/stream/assets/../../package.json',
    '/stream/assets/..%2f..%2fpackage.json',
    '/stream/assets/%2e%2e/%2e%2e/package.json',
    '/stream/assets/..%5c..%5cpackage.json',
    '/stream/assets/....//package.json',
    '/docs/../package.json',
    '/docs/..%2f..%2f..%2f..%2fetc%2fpasswd',
    '/docs/%00index.html',
    '/docs/constructor',
    '/docs/__proto__',
    '/stream/assets/__proto__',
    '/stream/assets/toString',
  ])('the path %s reveals no file', async (path) => {
    const answer = await raw([`GET ${path} HTTP/1.1`]);
    expect(statusOf(answer), answer).toBeGreaterThanOrEqual(400);
    expect(statusOf(answer), answer).toBeLessThan(500);
    expect(answer).not.toMatch(/"dependencies"|root:x:/);
  });
});

describe('a body that tries to pollute prototypes', () => {
  test.each([
    ['its own prototype', '{"__proto__":{"access":"none"},"dates":["2022-01-01"]}'],
    ['a constructor’s prototype', '{"constructor":{"prototype":{"access":"none"}},"dates":["2022-01-01"]}'],
    ['the prototype of a field', '{"dates":{"__proto__":["2022-01-01"]}}'],
    ['100,000 levels of nesting', '['.repeat(100_000)],
  ])('a body with %s pollutes no prototype', async (_what, body) => {
    const headers = { ...AUTHORIZED, 'content-type': 'application/json' };
    const answer = await send(system.url, 'POST', '/simulation/day-total', { headers, body });
    expect(answer.status, answer.body).toBe(422);
    // An `access` on the prototype of all objects would open every route.
    expect((await send(system.url, 'POST', '/simulation/next-day')).status).toBe(401);
  });
});

describe('an invalid position in the stream', () => {
  test.each([
    ['Last-Event-ID', "1' OR '1'='1"],
    ['Last-Event-ID', '1; DROP TABLE kafka_events'],
    ['Last-Event-ID', '-1'],
    ['Last-Event-ID', '1e9'],
    ['Last-Event-ID', '99999999999999999999999'],
    ['Last-Event-ID', '\u00ff\u00fe'],
    ['Last-Event-ID', '__proto__'],
  ])('%s: %s restarts the run or is refused, and does no harm', async (name, value) => {
    const answer = await raw(['GET /stream/events HTTP/1.1', `${name}: ${value}`]);
    expect([200, 422]).toContain(statusOf(answer));
  });

  test.each([
    ['SQL', '1%27%20OR%201=1--'],
    ['a NUL', '%00'],
    ['a header', '1%0d%0aset-cookie:x=1'],
    ['a list', '[]'],
    ['400 digits', '9'.repeat(400)],
  ])('%s in the query is refused, naming the field', async (_what, since) => {
    const answer = await send(system.url, 'GET', `/stream/events?since=${since}`);
    expect(answer.status).toBe(422);
    expect(JSON.parse(answer.body).errors).toMatchObject([{ field: 'query.since' }]);
    expect(answer.headers['set-cookie']).toBeUndefined();
  });
});

test('after these requests an accepted day is still stored completely', async () => {
  const { run_id: runId } = await status();
  const click = await send(system.url, 'POST', '/simulation/next-day', { headers: AUTHORIZED });
  expect(click.status).toBe(200);
  await eventually(async () => expect(await storedEvents(system.pool, runId)).toHaveLength(100));
});

test('no log line of these requests contains a secret, even at DEBUG', async () => {
  const headers = { ...AUTHORIZED, cookie: `token=${TOKEN}` };
  await send(system.url, 'GET', `/simulation/status?token=${TOKEN}`, { headers });
  await send(system.url, 'POST', '/simulation/init', { headers: AUTHORIZED, body: `{"token":"${TOKEN}"` });
  await expect(system.invoke('consumer', { password: system.addresses.mysql.password })).rejects.toThrow();
  const { lines, entries } = system.log;
  expect(lines.some(({ line }) => line.includes('"level":"DEBUG"'))).toBe(true);
  const logged = JSON.stringify([lines, entries]);
  for (const secret of [TOKEN, WRONG, system.addresses.mysql.password]) {
    for (const form of [
      secret,
      Buffer.from(secret).toString('base64').replace(/=+$/, ''),
      encodeURIComponent(secret),
    ]) {
      expect(logged).not.toContain(form);
    }
  }
});
