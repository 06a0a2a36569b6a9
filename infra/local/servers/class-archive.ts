import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { cacheFolder, manifestOf } from './cache.ts';
import type { Java } from './java.ts';

/**
 * An archive of loaded classes (AppCDS, JEP 350): with it Kafka starts in 1 s instead of 2.4, DynamoDB Local in 0.7 instead of
 * 1.6. The first run that ends in order writes it (2 s more at its end); later ones, of any clone, read it.
 */
export interface ClassArchive {
  /** For a short run: reads the archive if it is there. */
  readonly useOptions: readonly string[];
  /** For the server: reads the archive, or writes one at its end. */
  readonly options: readonly string[];
  /** Moves what a run has written into the cache. */
  keep(): Promise<void>;
}

/**
 * @param program Its folder in the cache. An archive fits the very jars it was made of: those of a folder that was filled
 *   anew are others to it.
 * @param directory Takes the archive while it is written.
 */
export async function openClassArchive(
  program: string,
  directory: string,
  java: Java,
  jvmOptions: readonly string[],
): Promise<ClassArchive> {
  const { mtimeMs } = await stat(manifestOf(program));
  const parts = [String(mtimeMs), java.version, ...jvmOptions];
  const key = createHash('sha256').update(parts.join('\n')).digest('hex').slice(0, 12);
  const folder = join(cacheFolder(), 'class-archives');
  const shared = join(folder, `${basename(program)}-${key}.jsa`);
  const draft = join(directory, 'classes.jsa');
  // One that a killed run left behind may be incomplete.
  await rm(draft, { force: true });
  const useOptions = existsSync(shared) ? [`-XX:SharedArchiveFile=${shared}`] : [];
  const write = [`-XX:ArchiveClassesAtExit=${draft}`, '-Xlog:cds=off', '-Xlog:cds+dynamic=off'];
  const keep = async () => {
    if (!existsSync(draft)) return;
    await mkdir(folder, { recursive: true });
    const copy = join(folder, `.${randomUUID()}`);
    await copyFile(draft, copy);
    await rename(copy, shared);
    await removeOthers(folder, basename(program), basename(shared));
    await rm(draft, { force: true });
  };
  return { useOptions, options: useOptions.length > 0 ? useOptions : write, keep };
}

/** Archives of an earlier Java or of jars that were replaced. */
async function removeOthers(folder: string, program: string, kept: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(`${program}-`) && name !== kept) await rm(join(folder, name), { force: true });
  }
}
