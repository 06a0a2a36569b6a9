import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isAlive, type ProcessIdentity, processIdentitySchema } from './process-identity.ts';
import { hasCode } from './setup-error.ts';

const TAKEOVER_LIMIT_MS = 5_000;
const TAKEOVER_PAUSE_MS = 5;

/**
 * A lock file held by one living process at a time: the owner of a data directory, the running host of a clone, a port.
 * It contains JSON with the owner's `pid` and `started`. The lock of a dead process is free, however the process died.
 */
export type LockAttempt = { taken: true } | { taken: false; holder: ProcessIdentity };

/**
 * Acquires the lock for this process, or returns its holder. Exactly one of several simultaneous attempts succeeds.
 *
 * @param content Kept in the file beside the owner's identity.
 */
export function acquireLock(path: string, content: Readonly<Record<string, unknown>> = {}): LockAttempt {
  mkdirSync(dirname(path), { recursive: true });
  const draft = writeBeside(path, { ...content, ...self() });
  try {
    for (;;) {
      if (createAs(draft, path)) return { taken: true };
      const found = readText(path);
      if (found === null) continue;
      const holder = readOwner(found);
      if (holder !== null) return { taken: false, holder };
      removeStale(path, found);
    }
  } finally {
    rmSync(draft, { force: true });
  }
}

/** Atomically replaces the content of a lock that this process holds. */
export function updateLock(path: string, content: Readonly<Record<string, unknown>>): void {
  renameSync(writeBeside(path, { ...content, ...self() }), path);
}

/** Releases the lock if this process owns it. */
export function releaseLock(path: string): void {
  const text = readText(path);
  if (text === null) return;
  const owner = parseOwner(text);
  const me = self();
  if (owner?.pid === me.pid && owner.started === me.started) rmSync(path, { force: true });
}

/** Removes the lock of a dead process. */
export function removeAbandonedLock(path: string): void {
  const text = readText(path);
  if (text !== null && readOwner(text) === null) removeStale(path, text);
}

/** Returns the file's text while its owner lives, otherwise null. */
export function readLock(path: string): string | null {
  const text = readText(path);
  return text !== null && readOwner(text) !== null ? text : null;
}

function self(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === null) throw new Error('This process has no identity.');
  return identity;
}

/** Only its user can read it: the content may include a password. */
function writeBeside(path: string, content: Readonly<Record<string, unknown>>): string {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return draft;
}

/** A hard link appears with its contents or not at all, and never replaces a file. */
function createAs(draft: string, path: string): boolean {
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (hasCode(error, 'EEXIST')) return false;
    throw error;
  }
}

/**
 * Removes the lock of a dead owner. Only one process at a time may do so: a slower one could otherwise remove the lock
 * that a faster one has just acquired.
 */
function removeStale(path: string, judged: string): void {
  const takeover = `${path}.takeover`;
  if (!beginTakeover(takeover)) return;
  try {
    if (readText(path) === judged) rmSync(path);
  } finally {
    rmSync(takeover, { force: true });
  }
}

/** A takeover lasts far less than a second; an older file belongs to a process that was killed during one. */
function beginTakeover(takeover: string): boolean {
  try {
    writeFileSync(takeover, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const since = statSync(takeover, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Date.now() - since > TAKEOVER_LIMIT_MS) rmSync(takeover, { force: true });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TAKEOVER_PAUSE_MS);
  return false;
}

function readText(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return null;
    throw error;
  }
}

/** The owner, if it is alive. */
function readOwner(text: string): ProcessIdentity | null {
  const owner = parseOwner(text);
  return owner !== null && isAlive(owner) ? owner : null;
}

function parseOwner(text: string): ProcessIdentity | null {
  try {
    return processIdentitySchema.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
