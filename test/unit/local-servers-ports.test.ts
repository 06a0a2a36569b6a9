import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { findPortHolder, portTakenError } from '../../infra/local/servers/port-holder.ts';
import { choosePorts, isFree } from '../../infra/local/servers/ports.ts';

const root = mkdtempSync(join(tmpdir(), 'ports-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function listen(port: number) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

test('ports are free, distinct, and the same again at the next start', async () => {
  const file = join(root, 'same.json');
  const ports = await choosePorts(file, ['one', 'two', 'three']);
  expect(new Set(Object.values(ports)).size).toBe(3);
  expect(await Promise.all(Object.values(ports).map((port) => isFree(port)))).toEqual([true, true, true]);
  expect(await choosePorts(file, ['one', 'two', 'three'])).toEqual(ports);
});

test('a remembered port that somebody else has taken meanwhile is replaced, the others stay', async () => {
  const file = join(root, 'taken.json');
  const before = await choosePorts(file, ['one', 'two']);
  const server = await listen(before.one);
  const after = await choosePorts(file, ['one', 'two']);
  server.close();
  expect(after.one).not.toBe(before.one);
  expect(after.two).toBe(before.two);
});

test('who listens on a port is told by process and command', async () => {
  const server = await listen(0);
  const { port } = server.address() as AddressInfo;
  expect(await isFree(port)).toBe(false);
  expect(await findPortHolder(port)).toMatchObject({ pid: process.pid });
  const { message } = await portTakenError(port, 'end it.');
  expect(message).toMatch(
    new RegExp(`^Port ${port} is taken by .*node.* \\(process ${process.pid}\\): end it\\.$`),
  );
  server.close();
  await once(server, 'close');
  expect(await findPortHolder(port)).toBeNull();
});
