/** Lets one command at a time install the packages of a clone. Plain JavaScript without dependencies, as bootstrap.js. */
import {
  linkSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';

const HEARTBEAT_MS = 1_000;
/** A turn without heartbeat is abandoned; but npm may go on for a while after its parent was killed. */
const SILENT_AFTER_MS = 10_000;
const CHILD_LIMIT_MS = 10 * 60_000;

/** Does the work when no other command does. The file tells the others who is at it. */
export async function takingTurns(file, work) {
  await begin(file);
  const heartbeat = setInterval(() => beat(file), HEARTBEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(heartbeat);
    rmSync(file, { force: true });
  }
}

/** So that a command that comes after this one was killed knows what it has to wait for. */
export function noteChild(file, child) {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid, child }));
  renameSync(draft, file);
}

async function begin(file) {
  mkdirSync(dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, JSON.stringify({ pid: process.pid }));
  for (let waiting = false; !createAs(draft, file); ) {
    const holder = readText(file);
    if (holder === null) continue;
    if (isAbandoned(file, holder)) {
      removeAbandoned(file, holder);
      continue;
    }
    if (!waiting) console.log('Another command installs the packages; waiting for it');
    waiting = true;
    await wait(200);
  }
  rmSync(draft);
}

/** A hard link appears whole or not at all, and not where there is something already. */
function createAs(draft, file) {
  try {
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  }
}

function beat(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Somebody has cleaned .local: the packages still get installed.
  }
}

function isAbandoned(file, text) {
  const [pid, child] = ['pid', 'child'].map((name) => Number(new RegExp(`"${name}":(\\d+)`).exec(text)?.[1]));
  const silence = Date.now() - (statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? Date.now());
  return !(isAlive(pid) && silence < SILENT_AFTER_MS) && !(isAlive(child) && silence < CHILD_LIMIT_MS);
}

/** Moves the file away; if meanwhile another command has made it its own, that one gets it back. */
function removeAbandoned(file, judged) {
  const aside = `${file}.${process.pid}.abandoned`;
  try {
    renameSync(file, aside);
  } catch (error) {
    if (error.code === 'ENOENT') return;
    throw error;
  }
  if (readText(aside) !== judged) createAs(aside, file);
  rmSync(aside, { force: true });
}

export function isAlive(pid) {
  if (!Number.isInteger(pid)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Null where there is no such file. */
export function readText(path) {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}
