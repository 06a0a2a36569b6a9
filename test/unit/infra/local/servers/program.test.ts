import { expect, test } from 'vitest';
import { runProgram } from '../../../../../infra/local/servers/program.ts';
import { eventually } from '../../../../support/eventually.ts';

test('a program that ignores SIGTERM is ended by the signal that its caller asks for', async () => {
  const abort = new AbortController();
  let pid = 0;
  const running = runProgram(process.execPath, ['-e', IGNORES_SIGTERM], {
    signal: abort.signal,
    killSignal: 'SIGKILL',
    onLine: (line) => {
      pid = Number(line);
      abort.abort();
    },
  });
  expect((await running).ok).toBe(false);
  expect(pid).toBeGreaterThan(0);
  await eventually(() => expect(() => process.kill(pid, 0)).toThrow('ESRCH'), 10);
});

/** Ends by itself after 60 s, so that a failing test leaves nothing behind for long. */
const IGNORES_SIGTERM = `
process.on('SIGTERM', () => undefined);
console.log(process.pid);
setTimeout(() => undefined, 60_000);
`;
