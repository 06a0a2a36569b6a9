import { cp, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../..');

/** A copy of the project in an empty folder, with this one's packages and without data sets; the caller removes it. */
export async function makeClone(): Promise<string> {
  const clone = await mkdtemp(join(tmpdir(), 'clone-'));
  // What somebody has put into data/raw is theirs.
  const filter = (path: string) => !/\.csv(\.gz)?$/i.test(path);
  for (const part of ['infra', 'functions', 'shared', 'web', 'data', 'package.json', 'package-lock.json']) {
    await cp(join(PROJECT, part), join(clone, part), { recursive: true, filter });
  }
  await symlink(join(PROJECT, 'node_modules'), join(clone, 'node_modules'));
  return clone;
}
