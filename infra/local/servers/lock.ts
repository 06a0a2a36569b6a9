import { randomUUID } from 'node:crypto';
import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { identify, isAlive, type ProcessIdentity, processIdentitySchema } from './process-identity.ts';
import { hasCode } from './setup-error.ts';

const TURN_LIMIT_MS = 5_000;
const TURN_PAUSE_MS = 5;

/**
 * A file that belongs to one living process at a time: the data directory's owner, the clone's running host. It holds
 * JSON with the owner's `pid` and `started`. One whose owner has died, however it died, is free to be taken over.
 */
export type LockAttempt = { taken: true } | { taken: false; holder: ProcessIdentity };

/** Takes the file for this process, or tells who holds it. Of processes that try at once exactly one succeeds. */
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

/** Replaces what this process wrote into its file, at once for every reader. */
export function updateLock(path: string, content: Readonly<Record<string, unknown>>): void {
  renameSync(writeBeside(path, { ...content, ...self() }), path);
}

/** Gives the file up, if it is still this process's own. */
export function releaseLock(path: string): void {
  const text = readText(path);
  if (text === null) return;
  const owner = parseOwner(text);
  const me = self();
  if (owner?.pid === me.pid && owner.started === me.started) rmSync(path, { force: true });
}

/** Removes the file if its owner has died. */
export function removeAbandonedLock(path: string): void {
  const text = readText(path);
  if (text !== null && readOwner(text) === null) removeStale(path, text);
}

/** The text of the file while its owner lives, else null. */
export function readLock(path: string): string | null {
  const text = readText(path);
  return text !== null && readOwner(text) !== null ? text : null;
}

function self(): ProcessIdentity {
  const identity = identify(process.pid);
  if (identity === null) throw new Error('This process has no identity.');
  return identity;
}

/** Readable by its user alone: the content may hold a password. */
function writeBeside(path: string, content: Readonly<Record<string, unknown>>): string {
  const draft = `${path}.${randomUUID()}`;
  writeFileSync(draft, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
  return draft;
}

/** A hard link appears whole or not at all, and not where there is something already. */
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
 * Removes the file of a dead owner. Of several that found it dead only one may: a slower one could remove the claim that a
 * faster one has made meanwhile.
 */
function removeStale(path: string, judged: string): void {
  const turn = `${path}.takeover`;
  if (!takeTurn(turn)) return;
  try {
    if (readText(path) === judged) rmSync(path);
  } finally {
    rmSync(turn, { force: true });
  }
}

/** A turn lasts far less than a second; one that is older belongs to a process that was killed in its middle. */
function takeTurn(turn: string): boolean {
  try {
    writeFileSync(turn, '', { flag: 'wx' });
    return true;
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
  const since = statSync(turn, { throwIfNoEntry: false })?.mtimeMs ?? Date.now();
  if (Date.now() - since > TURN_LIMIT_MS) rmSync(turn, { force: true });
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, TURN_PAUSE_MS);
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

/** The owner, if it lives. */
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
