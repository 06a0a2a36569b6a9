import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import {
  AlreadyRunningError,
  lockInstance,
  readInstance,
  requireServing,
} from '../../../../../infra/local/instance.ts';
import { acquireLock, readLock, releaseLock } from '../../../../../infra/local/servers/lock.ts';
import { identify } from '../../../../../infra/local/servers/process-identity.ts';

const root = mkdtempSync(join(tmpdir(), 'lock-'));
afterAll(() => rmSync(root, { recursive: true, force: true }));

const NODE = fileURLToPath(new URL('../../../../../node_modules/.bin/node', import.meta.url));
const LOCK_MODULE = new URL('../../../../../infra/local/servers/lock.ts', import.meta.url).href;

/** The identity of a process that has exited. */
function deadProcess() {
  const { pid } = spawnSync('true');
  return { pid, started: 'long ago' };
}

const serving = {
  port: 8000,
  url: 'http://localhost:8000/stream/live',
  servers: {
    kafkaBrokers: '127.0.0.1:1',
    mysql: { host: '127.0.0.1', port: 2, user: 'retail', password: 'secret', database: 'retail' },
    dynamodbEndpoint: 'http://127.0.0.1:3',
    dynamodbAccessKeyId: 'local',
    dynamodbSecretAccessKey: 'local',
    region: 'us-east-1',
  },
};

test('a lock is held by its process until it is released', () => {
  const file = join(root, 'held');
  expect(acquireLock(file)).toEqual({ taken: true });
  expect(acquireLock(file)).toEqual({ taken: false, holder: identify(process.pid) });
  releaseLock(file);
  expect(acquireLock(file)).toEqual({ taken: true });
});

test.each([
  ['of a process that has exited', JSON.stringify(deadProcess())],
  ['of an earlier process with the same number', JSON.stringify({ pid: process.pid, started: 'earlier' })],
  ['with truncated contents', '{"pid": 1'],
])('a lock %s is taken over', (_, stale) => {
  const file = join(root, 'stale');
  writeFileSync(file, stale);
  expect(readLock(file)).toBeNull();
  expect(acquireLock(file)).toEqual({ taken: true });
  expect(readLock(file)).not.toBeNull();
  releaseLock(file);
});

test("another process's lock is not released", () => {
  const file = join(root, 'foreign');
  const content = JSON.stringify({ pid: process.ppid, started: identify(process.ppid)?.started });
  writeFileSync(file, content);
  releaseLock(file);
  expect(readFileSync(file, 'utf8')).toBe(content);
});

test('exactly one of the processes that acquire a stale lock at once gets it', async () => {
  const file = join(root, 'contended');
  writeFileSync(file, JSON.stringify(deadProcess()));
  const script = `
    import { acquireLock } from ${JSON.stringify(LOCK_MODULE)};
    console.log('ready');
    process.stdin.once('data', () => console.log(acquireLock(${JSON.stringify(file)}).taken));
    process.stdin.on('end', () => process.exit());`;
  const contenders = Array.from({ length: 6 }, () =>
    spawn(NODE, ['--input-type=module', '-e', script], { stdio: ['pipe', 'pipe', 'inherit'] }),
  );
  const lines = contenders.map((one) => createInterface({ input: one.stdout })[Symbol.asyncIterator]());
  for (const line of lines) expect((await line.next()).value).toBe('ready');
  for (const one of contenders) one.stdin.write('go\n');
  const taken = await Promise.all(lines.map(async (line) => (await line.next()).value));
  for (const one of contenders) one.stdin.end();
  await Promise.all(contenders.map((one) => once(one, 'exit')));
  expect(taken.filter((value) => value === 'true')).toHaveLength(1);
  expect(readdirSync(root).filter((name) => name.startsWith('contended.'))).toEqual([]);
});

test('a second host of a clone learns where the first one runs', () => {
  const file = join(root, 'instance.json');
  const first = lockInstance(file);
  expect(() => lockInstance(file)).toThrow('it is still starting');
  expect(() => requireServing(file)).toThrow('still starting');

  first.announce(serving);
  expect(() => lockInstance(file)).toThrow(AlreadyRunningError);
  expect(() => lockInstance(file)).toThrow(`process ${process.pid}): open ${serving.url}`);
  expect(readInstance(file)).toMatchObject({ pid: process.pid, serving });
  expect(requireServing(file)).toEqual(serving);
  expect(statSync(file).mode & 0o077).toBe(0);

  first.release();
  expect(readInstance(file)).toBeNull();
  expect(() => requireServing(file)).toThrow('run npm start first');
});
