import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as wait } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test, vi } from 'vitest';
import {
  endOrphanedProcess,
  identify,
  isAlive,
  recordProcess,
  startTicks,
} from '../../../../../infra/local/servers/process-identity.ts';
import { spawnWatched } from '../../../../../infra/local/servers/watchdog.ts';

const root = mkdtempSync(join(tmpdir(), 'watchdog-'));
const logFile = join(root, 'log');
afterAll(() => rmSync(root, { recursive: true, force: true }));

const NODE = fileURLToPath(new URL('../../../../../node_modules/.bin/node', import.meta.url));
const WATCHDOG_MODULE = new URL('../../../../../infra/local/servers/watchdog.ts', import.meta.url).href;

test('a watched command exits when its parent is killed', async () => {
  const script = `
    import { spawnWatched } from ${JSON.stringify(WATCHDOG_MODULE)};
    const { pid } = await spawnWatched({ file: 'sleep', args: ['600'], cwd: '/', logFile: '/dev/null' });
    console.log(pid);`;
  const parent = spawn(NODE, ['--input-type=module', '-e', script], { stdio: ['ignore', 'pipe', 'inherit'] });
  const [line] = await once(createInterface({ input: parent.stdout }), 'line');
  const sleeper = identify(Number(line));
  expect(sleeper).not.toBeNull();
  parent.kill('SIGKILL');
  while (sleeper !== null && isAlive(sleeper)) await wait(10);
});

test('a watched command has its own pid, unaltered arguments, and a reported exit code', async () => {
  const awkward = ['a b', '$HOME', "it's", '*'];
  const command = {
    file: 'sh',
    args: ['-c', 'echo $$; printf "<%s>" "$@"; exit 3', 'sh', ...awkward],
    cwd: root,
  };
  const watched = await spawnWatched({ ...command, logFile });
  expect(await watched.exited).toBe('exit code 3');
  expect(readFileSync(logFile, 'utf8')).toBe(`${watched.pid}\n<a b><$HOME><it's><*>`);
});

test("a watched command has this process's environment, except its settings of malloc", async () => {
  const output = join(root, 'environment');
  vi.stubEnv('MALLOC_ARENA_MAX', '7');
  vi.stubEnv('MALLOC_TRIM_THRESHOLD_', '131072');
  vi.stubEnv('RTM_PASSED_ON', 'yes');
  const script = 'echo "$MALLOC_ARENA_MAX,$MALLOC_TRIM_THRESHOLD_,$RTM_PASSED_ON,$OWN"';
  const command = { file: 'sh', args: ['-c', script], cwd: root, env: { OWN: 'its own' } };
  const watched = await spawnWatched({ ...command, logFile: output });
  await watched.exited;
  vi.unstubAllEnvs();
  expect(readFileSync(output, 'utf8')).toBe(',,yes,its own\n');
});

test('a command that ignores SIGTERM is killed', async () => {
  const stubborn = await spawnWatched({
    file: 'sh',
    args: ['-c', 'trap "" TERM; echo deaf; while :; do sleep 0.05; done'],
    cwd: root,
    logFile,
  });
  while (!readFileSync(logFile, 'utf8').includes('deaf')) await wait(10);
  await stubborn.stop(100);
  expect(await stubborn.exited).toBe('signal SIGKILL');
});

test('a start waits for an orphaned process to exit', async () => {
  const file = join(root, 'orphan.json');
  const orphan = await spawnWatched({ file: 'sleep', args: ['0.3'], cwd: root, logFile });
  recordProcess(file, orphan.pid);
  await endOrphanedProcess(file, 'Sleep');
  expect(identify(orphan.pid)).toBeNull();
});

test('a process that merely has the pid of an orphaned one is left alone', async () => {
  const file = join(root, 'reused.json');
  writeFileSync(file, JSON.stringify({ pid: process.pid, started: 'earlier' }));
  await endOrphanedProcess(file, 'Sleep');
  expect(identify(process.pid)).not.toBeNull();
});

test.each([
  ['a sleeping process', 'S', 1, '22222'],
  ['a zombie', 'Z', 1, null],
  ['a process of which only the main thread has exited', 'Z', 4, '22222'],
])('the start time of %s is read from /proc', (_, state, threads, start) => {
  const numbers = Array.from({ length: 50 }, () => '0');
  // Fields 3, 20 and 22 of proc_pid_stat(5).
  Object.assign(numbers, { 0: state, 17: String(threads), 19: '22222' });
  expect(startTicks(`17 (a name (with) signs) ${numbers.join(' ')}`)).toBe(start);
});
