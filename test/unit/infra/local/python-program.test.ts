import { mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { isInstalled, markInstalled } from '../../../support/python-program.ts';

it('a Python environment counts only if it is complete and has not been moved', async () => {
  const folder = await mkdtemp(path.join(tmpdir(), 'python-program-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const [here, there] = [path.join(folder, 'here'), path.join(folder, 'there')];
  expect(await isInstalled(here)).toBe(false);
  await mkdir(here);
  expect(await isInstalled(here)).toBe(false);
  await markInstalled(here);
  expect(await isInstalled(here)).toBe(true);
  await rename(here, there);
  expect(await isInstalled(there)).toBe(false);
});
