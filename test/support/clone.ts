import { cp, mkdtemp, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const PROJECT = join(import.meta.dirname, '../..');

/** A copy of the project in an empty folder, with linked packages and without data sets; the caller deletes it. */
export async function makeClone(): Promise<string> {
  const clone = await mkdtemp(join(tmpdir(), 'clone-'));
  // Files in data/raw belong to the user.
  const filter = (path: string) => !/\.csv(\.gz)?$/i.test(path);
  for (const part of ['infra', 'functions', 'shared', 'web', 'data', 'package.json', 'package-lock.json']) {
    await cp(join(PROJECT, part), join(clone, part), { recursive: true, filter });
  }
  await symlink(join(PROJECT, 'node_modules'), join(clone, 'node_modules'));
  return clone;
}
