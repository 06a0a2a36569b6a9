import { spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { isFree, reservePorts } from '../../../../../infra/local/servers/ports.ts';

const root = mkdtempSync(join(tmpdir(), 'ports-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

async function listen(port: number) {
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

const NODE = fileURLToPath(new URL('../../../../../node_modules/.bin/node', import.meta.url));
const PORTS_MODULE = new URL('../../../../../infra/local/servers/ports.ts', import.meta.url).href;
const reservations = join(root, 'reservations');

const reserve = (file: string, names: readonly string[]) =>
  reservePorts(join(root, file), names, reservations);

/** Stores ports for a clone, as if it had chosen them by chance. */
function remember(file: string, ports: Readonly<Record<string, number>>): void {
  writeFileSync(join(root, file), JSON.stringify(ports));
}

test('ports are free, distinct, and the same at the next start', async () => {
  const names = ['one', 'two', 'three'];
  const { ports, release } = await reserve('same.json', names);
  expect(new Set(Object.values(ports)).size).toBe(3);
  expect(await Promise.all(Object.values(ports).map((port) => isFree(port)))).toEqual([true, true, true]);
  release();
  expect((await reserve('same.json', names)).ports).toEqual(ports);
});

test('a stored port that another process has taken is replaced, and the others stay', async () => {
  const before = await reserve('taken.json', ['one', 'two']);
  before.release();
  const server = await listen(before.ports.one ?? 0);
  const after = await reserve('taken.json', ['one', 'two']);
  server.close();
  expect(after.ports.one).not.toBe(before.ports.one);
  expect(after.ports.two).toBe(before.ports.two);
});

test('a reserved port that nobody listens on yet is not given to another clone until it is released', async () => {
  const first = await reserve('first.json', ['one']);
  remember('second.json', first.ports);
  const second = await reserve('second.json', ['one']);
  expect(second.ports.one).not.toBe(first.ports.one);
  first.release();
  remember('third.json', first.ports);
  expect((await reserve('third.json', ['one'])).ports).toEqual(first.ports);
});

test('two names never share a port', async () => {
  remember('twice.json', { one: 21_000, two: 21_000 });
  const { ports } = await reserve('twice.json', ['one', 'two']);
  expect(ports.one).not.toBe(ports.two);
});

test('ports reserved by a killed process are free again, and their lock files are removed', async () => {
  const script = `
    import { reservePorts } from ${JSON.stringify(PORTS_MODULE)};
    const [, path, reservations] = process.argv;
    await reservePorts(path, ['one', 'two'], reservations);
    process.kill(process.pid, 'SIGKILL');`;
  const left = join(root, 'left');
  const args = ['--input-type=module', '-e', script, join(root, 'killed.json'), left];
  expect(spawnSync(NODE, args).signal).toBe('SIGKILL');
  expect(readdirSync(left)).toHaveLength(2);
  const { ports, release } = await reservePorts(join(root, 'killed.json'), ['one'], left);
  expect(readdirSync(left)).toEqual([`${ports.one}.json`]);
  release();
  expect(readdirSync(left)).toEqual([]);
});
