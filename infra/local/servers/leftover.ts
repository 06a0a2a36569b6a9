import { rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { setTimeout as wait } from 'node:timers/promises';
import { identify, isAlive, type ProcessIdentity, processIdentitySchema } from './process-identity.ts';
import { SetupError } from './setup-error.ts';

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
export async function endLeftover(path: string, title: string): Promise<void> {
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
