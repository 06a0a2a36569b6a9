import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { SetupError } from './setup-error.ts';

/**
 * Identifies a process beyond its lifetime: pids are reused, but a pid with its start time isn't.
 */
export const processIdentitySchema = z.object({
  pid: z.number().int().positive(),
  started: z.string().min(1),
});
export type ProcessIdentity = z.infer<typeof processIdentitySchema>;

/** Start of the fields after the command's name in `/proc/<pid>/stat` (proc_pid_stat(5)): state is field 3. */
const FIRST_FIELD = 3;
const THREADS = 20;
const START_TIME = 22;

/** Returns the identity of a living process, or null. A zombie counts as dead: its resources are released. */
export function identify(pid: number): ProcessIdentity | null {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedElsewhere(pid);
  return started === null ? null : { pid, started };
}

/** Whether exactly this process is still alive. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started;
}

function startedOnLinux(pid: number): string | null {
  try {
    const ticks = startTicks(readFileSync(`/proc/${pid}/stat`, 'utf8'));
    return ticks === null ? null : `${bootId()}:${ticks}`;
  } catch {
    return null;
  }
}

/** Returns when a process started, in ticks since boot, from its `/proc/<pid>/stat`; null if it has exited. */
export function startTicks(stat: string): string | null {
  // The command's name may contain spaces and parentheses; the fields begin after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  // The main thread of a killed process can be a zombie while other threads still hold its ports and files.
  const ended = state === 'X' || (state === 'Z' && Number(fields[THREADS - FIRST_FIELD]) <= 1);
  return ended ? null : (fields[START_TIME - FIRST_FIELD] ?? null);
}

function bootId(): string {
  return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
}

function startedElsewhere(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'state=,lstart=', '-p', String(pid)], { encoding: 'utf8' }).trim();
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '');
  } catch {
    return null;
  }
}

/** How long the watchdog of an orphaned process may take, and how long SIGKILL may. */
const GRACE_MS = 4_000;
const LIMIT_MS = 15_000;

/** Records which process uses a data directory, for the start after a crash. */
export function recordProcess(path: string, pid: number): void {
  const identity = identify(pid);
  if (identity !== null) writeFileSync(path, JSON.stringify(identity), { mode: 0o600 });
}

/** Removes the record of a process that has exited. */
export function forgetProcess(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Waits until a process orphaned by an earlier start has exited, and kills it if it doesn't. Only the recorded process is
 * touched, never a later one with the same pid.
 *
 * @throws SetupError if it can't be killed.
 */
export async function endOrphanedProcess(path: string, title: string): Promise<void> {
  const orphan = await readRecord(path);
  if (orphan === null) return;
  const begun = Date.now();
  while (isAlive(orphan)) {
    const waited = Date.now() - begun;
    if (waited > LIMIT_MS) {
      throw new SetupError(
        `${title} of an earlier start (process ${orphan.pid}) does not exit: kill it and start again.`,
      );
    }
    if (waited > GRACE_MS) kill(orphan);
    await wait(50);
  }
  forgetProcess(path);
}

async function readRecord(path: string): Promise<ProcessIdentity | null> {
  try {
    return processIdentitySchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch {
    return null;
  }
}

function kill(identity: ProcessIdentity): void {
  try {
    process.kill(identity.pid, 'SIGKILL');
  } catch {
    // Exited meanwhile, or another user's: the loop notices either.
  }
}
