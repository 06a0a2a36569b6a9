import { randomUUID } from 'node:crypto';
import { access, constants, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { isAbsolute, join } from 'node:path';
import * as z from 'zod';
import { sha256 } from './artifacts.ts';
import { hasCode, messageOf, SetupError } from './setup-error.ts';

/** Lists the files of a cached folder. Written last: a folder without it is incomplete. */
const MANIFEST = 'manifest.json';
const manifestSchema = z.record(z.string(), z.object({ bytes: z.number(), sha256: z.string() }));
type Manifest = z.infer<typeof manifestSchema>;

const ABANDONED_AFTER_MS = 24 * 60 * 60 * 1000;

/**
 * Returns this user's folder for downloads, shared by all clones: `$XDG_CACHE_HOME/retail-time-machine`. A relative
 * XDG_CACHE_HOME is ignored, as the XDG Base Directory Specification requires.
 */
export function cacheFolder(environment = process.env): string {
  const xdg = environment.XDG_CACHE_HOME;
  const base = xdg !== undefined && isAbsolute(xdg) ? xdg : join(homedir(), '.cache');
  return join(base, 'retail-time-machine');
}

/**
 * Returns a cached folder, populating it if missing or corrupt. `fill` writes into a temporary folder that is renamed
 * atomically, so nobody sees an incomplete one; of two clones that populate it at once, the second discards its copy.
 */
export async function cached(name: string, fill: (folder: string) => Promise<void>): Promise<string> {
  const root = cacheFolder();
  const folder = join(root, name);
  if (await hasAllFiles(folder)) return folder;
  const draft = join(root, `.${name}.${randomUUID()}`);
  await makeInCache(draft);
  await sweep(root);
  try {
    await fill(draft);
    await writeManifest(draft);
    await publish(draft, folder);
  } finally {
    await rm(draft, { recursive: true, force: true });
  }
  return folder;
}

/** Creates a folder of the cache. @throws SetupError with the remedy if it can't be written, as with a read-only HOME. */
export async function makeInCache(folder: string): Promise<void> {
  try {
    await mkdir(folder, { recursive: true });
    await access(folder, constants.W_OK);
  } catch (error) {
    if (!hasCode(error, 'EROFS', 'EACCES', 'EPERM', 'ENOTDIR', 'ENOENT')) throw error;
    throw new SetupError(
      `${cacheFolder()}, where downloads are kept, can't be written (${messageOf(error)}): set XDG_CACHE_HOME to a folder of ` +
        'your own and run the command again.',
      { cause: error },
    );
  }
}

function manifestOf(folder: string): string {
  return join(folder, MANIFEST);
}

/** Whether every file exists with its size. Doesn't read contents, because it runs at every start. */
export async function hasAllFiles(folder: string): Promise<boolean> {
  const manifest = await readManifest(folder);
  if (manifest === null) return false;
  const sizes = await Promise.all(Object.keys(manifest).map((file) => sizeOf(join(folder, file))));
  return Object.values(manifest).every((entry, index) => entry.bytes === sizes[index]);
}

/** Returns the files whose contents differ from what was downloaded; null if there is no such folder. */
export async function damagedFiles(folder: string): Promise<string[] | null> {
  const manifest = await readManifest(folder);
  if (manifest === null) return null;
  const damaged: string[] = [];
  for (const [file, entry] of Object.entries(manifest)) {
    const digest = await sha256(join(folder, file)).catch(() => 'missing');
    if (digest !== entry.sha256) damaged.push(file);
  }
  return damaged;
}

async function publish(draft: string, folder: string): Promise<void> {
  for (;;) {
    try {
      return await rename(draft, folder);
    } catch (error) {
      if (!hasCode(error, 'ENOTEMPTY', 'EEXIST')) throw error;
    }
    if (await hasAllFiles(folder)) return;
    // Corrupt: moved away atomically, because a server of another clone may be reading from it.
    const aside = `${draft}.damaged`;
    await rename(folder, aside).catch(() => {});
    await rm(aside, { recursive: true, force: true });
  }
}

async function writeManifest(folder: string): Promise<void> {
  const manifest: Manifest = {};
  for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    const path = join(entry.parentPath, entry.name);
    const { size } = await stat(path);
    manifest[path.slice(folder.length + 1)] = { bytes: size, sha256: await sha256(path) };
  }
  await writeFile(manifestOf(folder), JSON.stringify(manifest, null, 1));
}

async function readManifest(folder: string): Promise<Manifest | null> {
  try {
    return manifestSchema.parse(JSON.parse(await readFile(manifestOf(folder), 'utf8')));
  } catch {
    return null;
  }
}

async function sizeOf(path: string): Promise<number | null> {
  return stat(path).then(
    ({ size }) => size,
    () => null,
  );
}

/** Removes the remains of starts that were killed during a download. */
async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) {
    if (!name.startsWith('.')) continue;
    const path = join(root, name);
    const { mtimeMs } = await stat(path).catch(() => ({ mtimeMs: Date.now() }));
    if (Date.now() - mtimeMs > ABANDONED_AFTER_MS) await rm(path, { recursive: true, force: true });
  }
}
