import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { type ServerName, serverNames, serverTitles } from './addresses.ts';
import { acquireLock, releaseLock } from './lock.ts';
import type { ServerFiles } from './managed-server.ts';
import { endOrphanedProcess } from './process-identity.ts';
import { SetupError } from './setup-error.ts';

const MARKER = 'README.txt';
const MARKER_TEXT =
  'Data of the local servers of Retail Time Machine. Delete the whole folder while nothing runs.\n';
const OWNER = 'owner.json';

/** The servers' data, used by one process at a time. */
export interface DataDirectory {
  readonly path: string;
  /** The server's own folder. */
  folderOf(name: ServerName): string;
  filesOf(name: ServerName): ServerFiles;
  release(): void;
}

/**
 * Locks a data directory for this process, waits for orphaned servers to exit, and empties it with `fresh`.
 *
 * @throws SetupError if another process uses it, or if it contains other files.
 */
export async function openDataDirectory(path: string, fresh: boolean): Promise<DataDirectory> {
  await mark(path);
  const owner = join(path, OWNER);
  const attempt = acquireLock(owner);
  if (!attempt.taken) {
    throw new SetupError(
      `The data in ${path} is in use by process ${attempt.holder.pid}: end it (Ctrl-C in its terminal) and run the command again.`,
    );
  }
  try {
    const directory = describe(path, () => releaseLock(owner));
    const exits = serverNames.map((name) =>
      endOrphanedProcess(directory.filesOf(name).processFile, serverTitles[name]),
    );
    await Promise.all(exits);
    if (fresh) await empty(path);
    await makeFolders(directory);
    return directory;
  } catch (error) {
    releaseLock(owner);
    throw error;
  }
}

function describe(path: string, release: () => void): DataDirectory {
  return {
    path,
    folderOf: (name) => join(path, name),
    filesOf: (name) => ({
      logFile: join(path, `${name}.log`),
      processFile: join(path, `${name}.process.json`),
    }),
    release,
  };
}

/** Never writes into, let alone deletes from, a folder that isn't ours. */
async function mark(path: string): Promise<void> {
  await mkdir(path, { recursive: true, mode: 0o700 });
  const names = await readdir(path);
  if (names.includes(MARKER)) return;
  if (names.length > 0) {
    throw new SetupError(
      `${path} contains other files: choose an empty or new folder for the servers' data.`,
    );
  }
  await writeFile(join(path, MARKER), MARKER_TEXT);
}

async function empty(path: string): Promise<void> {
  for (const name of await readdir(path)) {
    if (name === MARKER || name.startsWith(OWNER)) continue;
    await rm(join(path, name), { recursive: true, force: true });
  }
}

/** Starts new logs and keeps those of the previous start. */
async function makeFolders(directory: DataDirectory): Promise<void> {
  for (const name of serverNames) {
    await mkdir(directory.folderOf(name), { recursive: true });
    const { logFile } = directory.filesOf(name);
    await rename(logFile, `${logFile}.previous`).catch(() => {});
  }
}
