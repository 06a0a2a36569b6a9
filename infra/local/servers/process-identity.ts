import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import * as z from 'zod';
import { SetupError } from './setup-error.ts';

/**
 * A process that can be told from a later one with the same number: a pid is reused, a pid with its start time isn't.
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

/** The identity of a living process, or null where there is none. A zombie that holds nothing any more counts as dead. */
export function identify(pid: number): ProcessIdentity | null {
  const started = process.platform === 'linux' ? startedOnLinux(pid) : startedElsewhere(pid);
  return started === null ? null : { pid, started };
}

/** Whether this very process still lives. */
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

/** When a process began, in ticks since boot, by its `/proc/<pid>/stat`; null if it has ended. */
export function startTicks(stat: string): string | null {
  // The command's name may hold spaces and parentheses; the fields begin after the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  const [state] = fields;
  // The first thread of a killed process can be a zombie while others still hold its ports and files.
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

/** How long the watcher of a server whose parent was killed may take, and how long SIGKILL may. */
const GRACE_MS = 4_000;
const LIMIT_MS = 15_000;

/** Notes which process serves a data directory, for the start after a crash. */
export function recordProcess(path: string, pid: number): void {
  const identity = identify(pid);
  if (identity !== null) writeFileSync(path, JSON.stringify(identity), { mode: 0o600 });
}

/** Forgets a process that has ended. */
export function forgetProcess(path: string): void {
  rmSync(path, { force: true });
}

/**
 * Waits until a server that an earlier start left behind has ended, and ends it if it doesn't by itself. Touches only the
 * very process that was recorded: one that merely has its number is somebody else's.
 *
 * @throws SetupError if it can't be ended.
 */
export async function endOrphanedProcess(path: string, title: string): Promise<void> {
  const leftover = await readRecord(path);
  if (leftover === null) return;
  const begun = Date.now();
  while (isAlive(leftover)) {
    const waited = Date.now() - begun;
    if (waited > LIMIT_MS) {
      throw new SetupError(
        `${title} of an earlier start (process ${leftover.pid}) does not end: end it and start again.`,
      );
    }
    if (waited > GRACE_MS) end(leftover);
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

function end(identity: ProcessIdentity): void {
  try {
    process.kill(identity.pid, 'SIGKILL');
  } catch {
    // Ended between the look and the signal, or another user's: the loop tells.
  }
}
