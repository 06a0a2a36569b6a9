import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type HttpServer, openHttpServer, readBody } from '../../../gateway/http-server.ts';
import { memoryLog } from '../../support/memory-log.ts';

const LIMITS = { requestMs: 60_000, checkEveryMs: 50, connections: 3 };

let server: HttpServer;
let answered: number;

async function openServer(limits = LIMITS): Promise<HttpServer> {
  const handle: Parameters<typeof openHttpServer>[1] = async (message, response) => {
    await readBody(message, 1_000);
    answered += 1;
    response.end('done');
  };
  return openHttpServer(0, handle, memoryLog(), limits);
}

beforeEach(async () => {
  answered = 0;
  server = await openServer();
});
afterEach(() => server.close(0));

async function open({ url } = server): Promise<Socket> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

test.each([
  ["its request's head", 'POST / HTTP/1.1\r\nhost: localhost\r\nx-slow: '],
  ["its request's body", 'POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 100\r\n\r\nhalf'],
  ["its request's chunks", 'POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n5\r\nab'],
])('a client that never finishes %s gets a 408', async (_part, begin) => {
  const impatient = await openServer({ ...LIMITS, requestMs: 300 });
  const socket = await open(impatient);
  socket.write(begin);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 408 /);
  expect(answered).toBe(0);
  await impatient.close(0);
});

test.each([
  ['a length and chunks', 'content-length: 4\r\ntransfer-encoding: chunked'],
  ['two lengths', 'content-length: 4\r\ncontent-length: 5'],
  ['a folded header', 'x-folded: a\r\n b: c\r\nx: y\r\n\u0000z: 1'],
])('a request that proxies could parse differently is rejected: %s', async (_what, headers) => {
  const socket = await open();
  socket.write(`POST / HTTP/1.1\r\nhost: localhost\r\n${headers}\r\n\r\nbody`);
  expect(await text(socket)).toMatch(/^HTTP\/1\.1 400 /);
  expect(answered).toBe(0);
});

test('connections above the limit are closed, and existing ones continue', async () => {
  const sockets = await Promise.all(Array.from({ length: LIMITS.connections }, () => open()));
  const refused = await open();
  await once(refused, 'close');
  const [first] = sockets;
  first?.end('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\nconnection: close\r\n\r\n');
  expect(await text(first ?? refused)).toMatch(/done$/);
  for (const socket of sockets) socket.destroy();
});
