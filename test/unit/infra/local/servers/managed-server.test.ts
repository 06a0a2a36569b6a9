import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { manageServer } from '../../../../../infra/local/servers/managed-server.ts';

const directory = mkdtempSync(join(tmpdir(), 'managed-server-'));

afterEach(() => {
  vi.unstubAllEnvs();
  rmSync(directory, { recursive: true, force: true });
});

test('the threads of a server share two areas of malloc, whatever the host has', async () => {
  vi.stubEnv('MALLOC_ARENA_MAX', '7');
  vi.stubEnv('MALLOC_TRIM_THRESHOLD_', '131072');
  const logFile = join(directory, 'log');
  const script = 'echo "$MALLOC_ARENA_MAX,$MALLOC_TRIM_THRESHOLD_"; exec sleep 60';
  const log = () => readFileSync(logFile, 'utf8');
  const server = manageServer(
    {
      name: 'kafka',
      address: '127.0.0.1:1',
      command: { file: 'sh', args: ['-c', script], cwd: directory },
      probe: async () => {
        if (!log().includes('\n')) throw new Error('It has written nothing yet.');
      },
    },
    { logFile, processFile: join(directory, 'process.json') },
    () => {},
  );
  await server.start();
  await server.stop();
  expect(log()).toBe('2,\n');
});
