import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpApi } from '../../../gateway/http-api.ts';
import { type HttpServer, openHttpServer, type RequestHandler } from '../../../gateway/http-server.ts';
import { fixtureFunctions } from '../../support/fixture-functions.ts';

const { functions, log } = fixtureFunctions();
const system = {
  routes: [{ method: 'POST', path: '/echo/{id}', function: 'http' }],
  defaultFunction: 'http',
};
let server: HttpServer;

beforeAll(async () => {
  server = await openHttpServer(0, createHttpApi(system, functions, 'eu-central-1', log), log);
});
afterAll(async () => {
  await server.close(0);
  await functions.close(0);
});

const get = (path: string, init: RequestInit = {}) => fetch(`${server.url}${path}`, init);

describe('requests to the HTTP API', () => {
  test('a request reaches its function as an event of its route', async () => {
    const response = await get('/echo/a%2Fb%20c?x=1', { method: 'POST', body: '{"a":1}' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
    const event = await response.json();
    expect(event).toMatchObject({ routeKey: '$default', rawPath: '/echo/a/b c', body: '{"a":1}' });
    expect(response.headers.get('apigw-requestid')).toBe(event.requestContext.requestId);
  });

  test('path parameters are decoded', async () => {
    const response = await get('/echo/b%20c', { method: 'POST' });
    expect(await response.json()).toMatchObject({
      routeKey: 'POST /echo/{id}',
      pathParameters: { id: 'b c' },
    });
  });

  test.each(['HEAD', 'OPTIONS', 'DELETE'])(
    'a %s request without a route goes to the default route',
    async (method) => {
      const response = await get('/echo/1', { method });
      expect(response.status).toBe(200);
      const body = await response.text();
      if (method === 'HEAD') expect(body).toBe('');
      else
        expect(JSON.parse(body)).toMatchObject({
          routeKey: '$default',
          requestContext: { http: { method } },
        });
    },
  );

  test('a plain value that a function returns is sent as JSON', async () => {
    const response = await get('/x?plain=yes');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ plain: 'yes' });
  });

  test('a path that is only partly decodable reaches its function partly decoded', async () => {
    expect(await (await get('/%20%zz/%FF')).json()).toMatchObject({ rawPath: '/ %zz/\uFFFD' });
  });

  test('a request with very long headers still reaches its function', async () => {
    const response = await get('/x', { headers: { 'x-long': 'a'.repeat(20_000) } });
    expect((await response.json()).headers['x-long']).toHaveLength(20_000);
  });
});

describe('failures behind the HTTP API', () => {
  test('a failed function is answered with 500, and only the log has the cause', async () => {
    const response = await get('/x?fail=secret+cause');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: 'Internal Server Error' });
    const failure = 'Error: secret cause';
    expect(log.entries.at(-1)).toMatchObject({ level: 'ERROR', fields: { failure } });
  });

  test('a function that does not answer in time is answered with 503', async () => {
    const silent = { invoke: () => new Promise<never>(() => {}) };
    const handle = createHttpApi(system, silent, 'eu-central-1', log, { timeoutMs: 50 });
    const impatient = await openHttpServer(0, handle, log);
    const response = await fetch(impatient.url);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ message: 'Service Unavailable' });
    await impatient.close(0);
  });

  test('a response with an invalid header is answered with 500', async () => {
    expect((await get(`/x?header=${encodeURIComponent('a\nb')}`)).status).toBe(500);
  });
});

describe('request bodies', () => {
  test('a body of ten megabytes or more is rejected, with or without a declared length', async () => {
    const large = new Uint8Array(10 * 1024 * 1024 + 1);
    const told = await get('/x', { method: 'POST', body: large });
    expect(told.status).toBe(413);
    expect(await told.json()).toEqual({ message: 'Request Entity Too Large' });
    const stream = new Response(large).body;
    // The DOM's type lacks `duplex`, which Node requires for a stream.
    const untold = await get('/x', { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
    expect(untold.status).toBe(413);
  });

  test('an aborted body does not affect other requests', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    socket.end();
    expect(await text(socket)).toMatch(/^(HTTP\/1\.1 400|$)/);
    expect((await get('/x')).status).toBe(200);
  });
});

describe('the HTTP server', () => {
  test('a closing server finishes running requests and accepts no more', async () => {
    const started = Promise.withResolvers<void>();
    const gate = Promise.withResolvers<void>();
    const handle: RequestHandler = async (_message, response) => {
      started.resolve();
      await gate.promise;
      response.end('finished');
    };
    const closing = await openHttpServer(0, handle, log);
    const running = fetch(closing.url);
    await started.promise;
    const closed = closing.close(60_000);
    await expect(fetch(closing.url)).rejects.toThrow();
    gate.resolve();
    await closed;
    expect(await (await running).text()).toBe('finished');
  });

  test('a server whose port is taken reports it', async () => {
    const { port } = new URL(server.url);
    await expect(openHttpServer(Number(port), async () => {}, log)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
