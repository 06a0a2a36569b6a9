import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { open } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openHeapInspector } from '../soak/heaps.ts';
import { processFigures } from '../soak/process-figures.ts';

const onLinux = test.runIf(process.platform === 'linux');

onLinux('figures of a process count its descriptors, and its connections by their port', async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? (address?.port ?? 0) : 0;
  const before = await processFigures(process.pid, port, [port, 1]);
  const file = await open(import.meta.filename);
  const socket = connect(port, '127.0.0.1');
  await once(server, 'connection');
  const after = await processFigures(process.pid, port, [port, 1]);
  expect(before.connections).toEqual([0, 0]);
  expect(after.connections).toEqual([1, 0]);
  expect([before.clients, after.clients]).toEqual([0, 1]);
  expect(after.descriptors).toBeGreaterThanOrEqual(before.descriptors + 2);
  expect(after.rssMb).toBeGreaterThan(20);
  await file.close();
  socket.destroy();
  server.close();
});

/** Holds 40 MB on a worker's heap, and has left as much garbage there. */
const HOARDING = `
  const hoard = 'globalThis.kept = Array.from({ length: 5e6 }, Math.random); Array.from({ length: 5e6 }, Math.random)';
  new (require('node:worker_threads').Worker)(hoard + '; setInterval(() => {}, 1e6); console.log("ready")', { eval: true, name: 'hoard' });
`;

test('heaps are measured without their garbage, each by the name of its function', async () => {
  const child = spawn(process.execPath, ['--inspect=127.0.0.1:0', '-e', HOARDING]);
  const exited = once(child, 'exit');
  const [line] = await once(createInterface(child.stderr), 'line');
  const [ready] = await once(createInterface(child.stdout), 'line');
  expect(ready).toBe('ready');
  const heaps = await openHeapInspector(String(line).replace('Debugger listening on ', ''));
  const figures = new Map((await heaps.collect()).map(({ name, usedMb }) => [name, usedMb]));
  heaps.close();
  child.kill();
  await exited;
  expect([...figures.keys()]).toEqual(['host', 'hoard']);
  expect(figures.get('host')).toBeLessThan(20);
  expect(figures.get('hoard')).toBeGreaterThan(38);
  expect(figures.get('hoard')).toBeLessThan(60);
});
