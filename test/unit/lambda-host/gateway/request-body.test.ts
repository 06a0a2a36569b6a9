import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createHttpApi } from '../../../../infra/lambda-host/gateway/http-api.ts';
import { type HttpServer, openHttpServer } from '../../../../infra/lambda-host/gateway/http-server.ts';
import { type BodyRoom, bodyRoom } from '../../../../infra/lambda-host/gateway/request-body.ts';
import { answered } from '../../../../infra/lambda-host/runtime/invocation-result.ts';
import { eventually } from '../../../support/eventually.ts';
import { memoryLog } from '../../../support/memory-log.ts';

const ROOM = 100_000;

let server: HttpServer;
/** How much of the room is taken. Each test has its own: the last connections of one may end within the next. */
let taken: { bytes: number };
/** Lengths of the bodies that came to the function. */
let bodies: number[];
/** Awaited by the function. */
let gate: Promise<void>;

beforeEach(async () => {
  [taken, bodies, gate] = [{ bytes: 0 }, [], Promise.resolve()];
  const room = watched(bodyRoom(ROOM), taken);
  const functions = {
    async invoke(_name: string, event: string) {
      bodies.push((JSON.parse(event).body ?? '').length);
      await gate;
      return answered('id', '{"statusCode":200}');
    },
  };
  const api = createHttpApi({ routes: [], defaultFunction: 'any' }, functions, 'local', memoryLog(), {
    room,
  });
  server = await openHttpServer(0, api, memoryLog());
});
afterEach(() => server.close(0));

function watched(room: BodyRoom, counted: { bytes: number }): BodyRoom {
  return {
    take(bytes) {
      const hasRoom = room.take(bytes);
      if (hasRoom) counted.bytes += bytes;
      return hasRoom;
    },
    free(bytes) {
      counted.bytes -= bytes;
      room.free(bytes);
    },
  };
}

/** Announces a body and sends its first bytes alone. */
async function begin(length: number, sent: number): Promise<Socket> {
  const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
  socket.on('error', () => undefined);
  await once(socket, 'connect');
  const head = ['POST / HTTP/1.1', 'host: localhost', 'content-type: text/plain', 'connection: close'];
  socket.write(`${head.join('\r\n')}\r\ncontent-length: ${length}\r\n\r\n${'x'.repeat(sent)}`);
  return socket;
}

const post = (length: number) =>
  fetch(server.url, {
    method: 'POST',
    headers: { 'content-type': 'text/plain' },
    body: 'x'.repeat(length),
  });
const takenIs = (bytes: number) => eventually(() => expect(taken.bytes).toBe(bytes));

test('bodies that are being read at once have a bound together: beyond it 503, and when to come again', async () => {
  const slow = await Promise.all([begin(90_000, 40_000), begin(90_000, 40_000)]);
  await takenIs(80_000);
  const refused = await post(30_000);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  expect(refused.headers.get('connection')).toBe('close');
  expect(bodies).toEqual([]);
  expect(taken.bytes).toBe(80_000);
  for (const socket of slow) socket.destroy();
});

test('a request without a body is answered all the same', async () => {
  const slow = await begin(ROOM + 1, ROOM);
  await takenIs(ROOM);
  expect((await fetch(server.url)).status).toBe(200);
  expect((await post(1)).status).toBe(503);
  slow.destroy();
});

test('one that outgrows the room while it comes gives back what it had', async () => {
  const [first, second] = await Promise.all([begin(90_000, 60_000), begin(90_000, 30_000)]);
  await takenIs(90_000);
  second.write('x'.repeat(60_000));
  expect(await text(second)).toMatch(/^HTTP\/1\.1 503 .*\r\nretry-after: 1\r\n/is);
  await takenIs(60_000);
  first.end('x'.repeat(30_000));
  expect(await text(first)).toMatch(/^HTTP\/1\.1 200 /);
  expect(bodies).toEqual([90_000]);
  await takenIs(0);
});

test('a client that breaks off gives its room back', async () => {
  const socket = await begin(90_000, 80_000);
  await takenIs(80_000);
  socket.destroy();
  await takenIs(0);
  expect((await post(90_000)).status).toBe(200);
});

test('a body counts until its request is answered, for it may wait for a function', async () => {
  const held = Promise.withResolvers<void>();
  gate = held.promise;
  const first = post(80_000);
  await eventually(() => expect(bodies).toEqual([80_000]));
  expect((await post(30_000)).status).toBe(503);
  held.resolve();
  expect((await first).status).toBe(200);
  await takenIs(0);
});

test('a body that is announced and never sent takes no room', async () => {
  const silent = await Promise.all(Array.from({ length: 20 }, () => begin(90_000, 0)));
  expect((await post(90_000)).status).toBe(200);
  for (const socket of silent) socket.destroy();
});
