import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import { openHeapInspector } from '../../soak/heaps.ts';
import { processFigures } from '../../soak/process-figures.ts';

const onLinux = test.runIf(process.platform === 'linux');

/** A process that opens nothing but what it is told to: a file, and a connection to itself. It says its port, then that it did. */
const OPENING = `
  const { once } = require('node:events');
  const { connect, createServer } = require('node:net');
  const server = createServer().listen(0, '127.0.0.1', () => console.log(server.address().port));
  process.stdin.once('data', async () => {
    require('node:fs').openSync(process.execPath);
    const socket = connect(server.address().port, '127.0.0.1');
    await Promise.all([once(server, 'connection'), once(socket, 'connect')]);
    console.log('opened');
  });
`;

onLinux('figures of a process count its descriptors, and its connections by their port', async () => {
  const child = spawn(process.execPath, ['-e', OPENING]);
  const exited = once(child, 'exit');
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const pid = Number(child.pid);
  const port = Number((await lines.next()).value);
  const before = await processFigures(pid, port, [port, 1]);
  child.stdin.write('open');
  expect((await lines.next()).value).toBe('opened');
  const after = await processFigures(pid, port, [port, 1]);
  child.kill();
  await exited;
  expect(before.connections).toEqual([0, 0]);
  expect(after.connections).toEqual([1, 0]);
  expect([before.clients, after.clients]).toEqual([0, 1]);
  // The file and both ends of the connection.
  expect(after.descriptors).toBe(before.descriptors + 3);
  expect(after.rssMb).toBeGreaterThan(20);
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
