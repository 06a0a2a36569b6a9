import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createFunctionUrl, createGateway, type OwnRequest } from '../../../gateway/gateway.ts';
import { type HttpServer, openHttpServer } from '../../../gateway/http-server.ts';
import { eventually } from '../../support/eventually.ts';
import { fixtureFunctions } from '../../support/fixture-functions.ts';

const { functions, log } = fixtureFunctions();
let server: HttpServer;

beforeAll(async () => {
  server = await openHttpServer(0, createFunctionUrl('streaming', functions, 'eu-central-1'), log);
});
afterAll(async () => {
  await server.close(0);
  await functions.close(0);
});

function request(query: Record<string, string>, init: RequestInit = {}): Promise<Response> {
  return fetch(`${server.url}/stream/a%20b?${new URLSearchParams(query)}`, init);
}

describe('responses of a function URL', () => {
  test('a streamed response has its status, headers, cookies and complete body', async () => {
    const response = await request({ do: 'count', to: '3', status: '201' });
    expect(response.status).toBe(201);
    expect(response.headers.get('x-path')).toBe('/stream/a%20b');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(await response.text()).toBe('0\n1\n2\n');
  });

  test('a streamed response arrives while it is being written', async () => {
    const response = await request({ do: 'stay', name: 'early' });
    const reader = response.body?.getReader();
    expect(Buffer.from((await reader?.read())?.value ?? []).toString()).toBe('here');
    await reader?.cancel();
  });

  test('a function that fails before its response begins is answered with 502', async () => {
    const response = await request({ do: 'fail at once' });
    expect(response.status).toBe(502);
    expect(await response.json()).toEqual({ message: 'Internal Server Error' });
  });

  test('a response whose function fails halfway is cut off, so the client notices', async () => {
    const response = await request({ do: 'fail in the middle' });
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow();
  });

  test('a connection is reused after a streamed response', async () => {
    const sockets = new Set<number | undefined>();
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    let received = '';
    socket.on('data', (data) => {
      received += data;
    });
    for (let i = 1; i <= 2; i += 1) {
      socket.write('GET /stream/x?do=count&to=1 HTTP/1.1\r\nHost: x\r\n\r\n');
      await eventually(() => expect(received.split('0\r\n\r\n')).toHaveLength(i + 1));
      sockets.add(socket.localPort);
    }
    socket.destroy();
    expect(sockets.size).toBe(1);
  });
});

describe('clients of a function URL', () => {
  test("a client that disconnects ends the function's stream", async () => {
    const abort = new AbortController();
    await request({ do: 'stay', name: 'leaver' }, { signal: abort.signal });
    abort.abort();
    await eventually(async () => {
      expect(await (await request({ do: 'endings' })).text()).toContain('leaver broken off');
    });
  });

  test('a client that reads nothing pauses the function and uses little memory', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.pause();
    socket.write('GET /stream/x?do=flood&bytes=1e12&name=lazy HTTP/1.1\r\nHost: x\r\n\r\n');
    const memory = async () => JSON.parse(await (await request({ do: 'memory' })).text()).arrayBuffers;
    for (let i = 0; i < 20; i += 1) await memory();
    const before = await memory();
    for (let i = 0; i < 20; i += 1) expect((await memory()) - before).toBeLessThan(2_000_000);
    socket.destroy();
  });
});

describe('many clients of a function URL', () => {
  test('a thousand clients each get everything in order', async () => {
    const viewers = await Promise.all(
      Array.from({ length: 1_000 }, async () => (await request({ do: 'stay' })).body?.getReader()),
    );
    const texts = viewers.map(async (reader) => {
      let received = '';
      while (!received.includes('end')) {
        received += Buffer.from((await reader?.read())?.value ?? []).toString();
      }
      await reader?.cancel();
      return received;
    });
    for (let i = 0; i < 20; i += 1) await request({ do: 'broadcast', text: `${i},` });
    await request({ do: 'broadcast', text: 'end' });
    const expected = `here${Array.from({ length: 20 }, (_, i) => `${i},`).join('')}end`;
    expect(new Set(await Promise.all(texts))).toEqual(new Set([expected]));
  });
});

describe('routes of the host itself', () => {
  const seen: OwnRequest[] = [];
  let own: HttpServer;
  const gateway = createGateway({
    system: { functions: {}, routes: [], streams: [], topics: [], schedules: [] },
    functions,
    region: 'eu-central-1',
    log,
    ownRoutes: async (request) => {
      seen.push(request);
      if (request.url !== '/own') return null;
      const body = (await request.body(10)) ?? 'too large';
      return { statusCode: 202, headers: { 'x-own': 'yes' }, cookies: [], body: Buffer.from(body) };
    },
  });
  beforeAll(async () => {
    own = await openHttpServer(0, gateway.handle, log);
  });
  afterAll(() => own.close(0));

  const ask = (path: string, body: string, headers: Record<string, string> = {}) =>
    fetch(`${own.url}${path}`, { method: 'POST', body, headers });

  test('nothing is asked before the gateway is open, nor by another site', async () => {
    expect((await ask('/own', 'a')).status).toBe(503);
    gateway.open();
    expect((await ask('/own', 'a', { origin: 'http://evil.example' })).status).toBe(403);
    expect((await ask('/own', 'a', { 'sec-fetch-site': 'cross-site' })).status).toBe(403);
    expect(seen).toEqual([]);
  });

  test('an answer is sent, and a request without one goes to the functions', async () => {
    const answer = await ask('/own', 'hello');
    expect({ status: answer.status, own: answer.headers.get('x-own') }).toEqual({ status: 202, own: 'yes' });
    expect(await answer.text()).toBe('hello');
    expect(await (await ask('/own', 'longer than ten bytes')).text()).toBe('too large');
    expect((await ask('/other', 'a')).status).toBe(404);
  });
});

describe('a host behind a proxy', () => {
  let proxied: HttpServer;
  const urls: string[] = [];
  const gateway = createGateway({
    system: { functions: {}, routes: [], streams: [], topics: [], schedules: [] },
    functions,
    region: 'eu-central-1',
    log,
    publicAddress: { allowedHosts: ['shop.test'], basePath: '/shop', allowOption: '--allow-host' },
    ownRoutes: async ({ url }) => {
      urls.push(url);
      return { statusCode: 307, headers: { location: '/stream/live' }, cookies: [], body: Buffer.from('') };
    },
  });
  beforeAll(async () => {
    proxied = await openHttpServer(0, gateway.handle, log);
    gateway.open();
  });
  afterAll(() => proxied.close(0));

  test.each([
    ['/shop/stream/live?a=1', '/stream/live?a=1'],
    ['/shop', '/'],
    ['/shop/', '/'],
    ['/shop?a=1', '/?a=1'],
    ['/stream/live', '/stream/live'],
    ['/shopping', '/shopping'],
  ])('the path %s leads to %s, and redirects keep the base path', async (path, inside) => {
    const answer = await fetch(proxied.url + path, { redirect: 'manual' });
    expect(urls.at(-1)).toBe(inside);
    expect(answer.headers.get('location')).toBe('/shop/stream/live');
  });

  test('a request for another host gets a problem document, and an allowed page may post', async () => {
    const post = (origin: string) =>
      fetch(`${proxied.url}/x`, { method: 'POST', headers: { origin }, redirect: 'manual' });
    const refused = await post('https://other.test');
    expect(refused.headers.get('content-type')).toBe('application/problem+json');
    expect(await refused.json()).toMatchObject({ status: 403, code: 'origin_not_allowed' });
    expect((await post('https://shop.test')).status).toBe(307);
  });
});
