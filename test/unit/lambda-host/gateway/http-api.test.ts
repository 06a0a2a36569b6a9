import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createHttpApi } from '../../../../infra/lambda-host/gateway/http-api.ts';
import {
  type HttpServer,
  openHttpServer,
  type RequestHandler,
} from '../../../../infra/lambda-host/gateway/http-server.ts';
import { fixtureFunctions } from '../../../support/lambda-host/fixture-functions.ts';

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

describe('a request', () => {
  test('reaches its function as the event of its route', async () => {
    const response = await get('/echo/a%2Fb%20c?x=1', { method: 'POST', body: '{"a":1}' });
    expect(response.status).toBe(200);
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(response.headers.getSetCookie()).toEqual(['a=1; Path=/', 'b=2']);
    const event = await response.json();
    expect(event).toMatchObject({ routeKey: '$default', rawPath: '/echo/a/b c', body: '{"a":1}' });
    expect(response.headers.get('apigw-requestid')).toBe(event.requestContext.requestId);
  });

  test('with parameters in its path has them decoded', async () => {
    const response = await get('/echo/b%20c', { method: 'POST' });
    expect(await response.json()).toMatchObject({
      routeKey: 'POST /echo/{id}',
      pathParameters: { id: 'b c' },
    });
  });

  test.each(['HEAD', 'OPTIONS', 'DELETE'])(
    '%s goes to the default route where nothing takes it',
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

  test('whose function returns a plain value gets it as JSON', async () => {
    const response = await get('/x?plain=yes');
    expect(response.headers.get('content-type')).toBe('application/json');
    expect(await response.json()).toEqual({ plain: 'yes' });
  });

  test('with a path that can not be decoded reaches its function with what can be', async () => {
    expect(await (await get('/%20%zz/%FF')).json()).toMatchObject({ rawPath: '/ %zz/\uFFFD' });
  });

  test('with more headers than the functions take reaches them all the same', async () => {
    const response = await get('/x', { headers: { 'x-long': 'a'.repeat(20_000) } });
    expect((await response.json()).headers['x-long']).toHaveLength(20_000);
  });
});

describe('a failure', () => {
  test('of the function is a 500 without a word of the cause, which is logged', async () => {
    const response = await get('/x?fail=secret+cause');
    expect(response.status).toBe(500);
    expect(await response.json()).toEqual({ message: 'Internal Server Error' });
    const failure = 'Error: secret cause';
    expect(log.entries.at(-1)).toMatchObject({ level: 'ERROR', fields: { failure } });
  });

  test('to answer in time is a 503', async () => {
    const silent = { invoke: () => new Promise<never>(() => {}) };
    const handle = createHttpApi(system, silent, 'eu-central-1', log, { timeoutMs: 50 });
    const impatient = await openHttpServer(0, handle, log);
    const response = await fetch(impatient.url);
    expect(response.status).toBe(503);
    expect(await response.json()).toEqual({ message: 'Service Unavailable' });
    await impatient.close(0);
  });

  test('to make headers that can be sent is a 500', async () => {
    expect((await get(`/x?header=${encodeURIComponent('a\nb')}`)).status).toBe(500);
  });
});

describe('a body', () => {
  test('of ten megabytes and more is refused, whether its length is told or not', async () => {
    const large = new Uint8Array(10 * 1024 * 1024 + 1);
    const told = await get('/x', { method: 'POST', body: large });
    expect(told.status).toBe(413);
    expect(await told.json()).toEqual({ message: 'Request Entity Too Large' });
    const stream = new Response(large).body;
    const untold = await get('/x', { method: 'POST', body: stream, duplex: 'half' } as RequestInit);
    expect(untold.status).toBe(413);
  });

  test('that breaks off harms nobody', async () => {
    const { port } = new URL(server.url);
    const socket = connect(Number(port), '127.0.0.1');
    socket.write('POST /x HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nhalf');
    socket.end();
    expect(await text(socket)).toMatch(/^(HTTP\/1\.1 400|$)/);
    expect((await get('/x')).status).toBe(200);
  });
});

describe('the server', () => {
  test('finishes what runs when it closes, and takes nothing more', async () => {
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

  test('says so if the port is taken', async () => {
    const { port } = new URL(server.url);
    await expect(openHttpServer(Number(port), async () => {}, log)).rejects.toMatchObject({
      code: 'EADDRINUSE',
    });
  });
});
