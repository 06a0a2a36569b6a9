import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { Writable } from 'node:stream';

/**
 * Runs the command in the shell's own place (so that its pid is the child's pid) and beside it a watcher on the pipe that
 * only the parent holds. The pipe's end without a line means that the parent has died, even by SIGKILL: the watcher
 * then ends the command, first gently. A line means that the command has ended by itself and its pid may be another's.
 */
const GUARD = `
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
  /** Takes what the command writes; appended to. */
  readonly logFile: string;
}

export interface WatchedProcess {
  readonly pid: number;
  /** Resolves when the process has ended, with how: `exit code 1`, `signal SIGKILL`. */
  readonly exited: Promise<string>;
  /** Asks it to end and, after `graceMs`, makes it. Resolves when it has ended. */
  stop(graceMs: number): Promise<void>;
  /** Ends it without warning, as a crash would. */
  kill(): Promise<void>;
}

/**
 * Starts a command that never outlives this process. It gets a process group of its own: Ctrl-C in a terminal reaches
 * this process alone, which ends the others in order.
 */
export async function spawnWatched(command: WatchedCommand): Promise<WatchedProcess> {
  const log = openSync(command.logFile, 'a', 0o600);
  try {
    const child = spawn('sh', ['-c', GUARD, 'sh', command.file, ...command.args], {
      cwd: command.cwd,
      env: { ...process.env, ...command.env },
      // Not standard input: Node closes that by itself when the child exits, before a line could be written.
      stdio: ['ignore', log, log, 'pipe'],
      detached: true,
    });
    await once(child, 'spawn');
    return guarded(child);
  } finally {
    closeSync(log);
  }
}

function guarded(child: ChildProcess): WatchedProcess {
  const { pid } = child;
  if (pid === undefined) throw new Error('A process that was spawned has a pid.');
  const [, , , watcher] = child.stdio;
  if (!(watcher instanceof Writable)) throw new Error('The pipe to the watcher is writable.');
  // The watcher may be gone before the line reaches it.
  watcher.on('error', () => {});
  const exited = new Promise<string>((resolve) => {
    child.once('exit', (code, signal) => {
      watcher.end('ended\n');
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
  return { pid, exited, stop, kill };
}
