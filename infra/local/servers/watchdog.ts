import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { Writable } from 'node:stream';

/**
 * Replaces the shell with the command, so that the shell's pid becomes the command's, and starts a watchdog beside it that
 * reads a pipe held only by the parent. If the pipe closes without a line, the parent has died, even by SIGKILL: the
 * watchdog terminates the command. A line means that the command has exited and its pid may belong to another process.
 */
const WATCHDOG = `
(
  read -r _ <&3 && exit 0
  kill -TERM "$$"
  for _ in 1 2 3 4 5 6 7 8 9 10; do sleep 1; kill -0 "$$" || exit 0; done
  kill -KILL "$$"
) >/dev/null 2>&1 &
exec "$@" 3<&-
`;

export interface WatchedCommand {
  readonly file: string;
  readonly args: readonly string[];
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** The command's output is appended to it. */
  readonly logFile: string;
}

export interface WatchedProcess {
  readonly pid: number;
  /** Resolves with the reason when the process exits: `exit code 1`, `signal SIGKILL`. */
  readonly exited: Promise<string>;
  /** Sends SIGTERM, and SIGKILL after `graceMs`. Resolves when the process has exited. */
  stop(graceMs: number): Promise<void>;
  /** Sends SIGKILL, as a crash would. */
  kill(): Promise<void>;
  signal(name: 'SIGSTOP' | 'SIGCONT'): void;
}

/**
 * Starts a command that never outlives this process. It runs in its own process group, so that Ctrl-C in a terminal
 * reaches only this process, which stops the others in order.
 */
export async function spawnWatched(command: WatchedCommand): Promise<WatchedProcess> {
  const log = openSync(command.logFile, 'a', 0o600);
  // Set for the host's threads (`npm start`). What is started has settings of its own, or none, as the benchmark measures it.
  const { MALLOC_ARENA_MAX: _, MALLOC_TRIM_THRESHOLD_: __, ...environment } = process.env;
  try {
    const child = spawn('sh', ['-c', WATCHDOG, 'sh', command.file, ...command.args], {
      cwd: command.cwd,
      env: { ...environment, ...command.env },
      // Not standard input: Node closes it when the child exits, before a line could be written.
      stdio: ['ignore', log, log, 'pipe'],
      detached: true,
    });
    await once(child, 'spawn');
    return watched(child);
  } finally {
    closeSync(log);
  }
}

function watched(child: ChildProcess): WatchedProcess {
  const { pid } = child;
  if (pid === undefined) throw new Error('A spawned process has no pid.');
  const [, , , pipe] = child.stdio;
  if (!(pipe instanceof Writable)) throw new Error('The pipe to the watchdog is not writable.');
  // The watchdog may exit before the line reaches it.
  pipe.on('error', () => {});
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      pipe.end('ended\n');
      resolve(signal === null ? `exit code ${code}` : `signal ${signal}`);
    });
  });
  const stop = async (graceMs: number) => {
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), graceMs);
    await exited;
    clearTimeout(timer);
  };
  const kill = async () => {
    child.kill('SIGKILL');
    await exited;
  };
  return { pid, exited, stop, kill, signal: (name) => void child.kill(name) };
}
