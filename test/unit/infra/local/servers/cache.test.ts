import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { readFile, truncate, writeFile } from 'node:fs/promises';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { cached, cacheFolder, damagedFiles } from '../../../../../infra/local/servers/cache.ts';

const root = mkdtempSync(join(tmpdir(), 'cache-'));
beforeAll(() => {
  vi.stubEnv('XDG_CACHE_HOME', root);
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const filling = () => vi.fn((folder: string) => writeFile(join(folder, 'file'), 'contents'));

test('the cache is in XDG_CACHE_HOME if that is absolute', () => {
  expect(cacheFolder({ XDG_CACHE_HOME: '/var/cache/me' })).toBe('/var/cache/me/retail-time-machine');
  expect(cacheFolder({ XDG_CACHE_HOME: 'relative' })).toBe(join(homedir(), '.cache/retail-time-machine'));
  expect(cacheFolder({})).toBe(join(homedir(), '.cache/retail-time-machine'));
});

test('a cached folder is not populated again', async () => {
  const fill = filling();
  const folder = await cached('once', fill);
  expect(await cached('once', fill)).toBe(folder);
  expect(fill).toHaveBeenCalledTimes(1);
  expect(await damagedFiles(folder)).toEqual([]);
});

test('a failed population leaves nothing behind', async () => {
  const fails = async (folder: string) => {
    await writeFile(join(folder, 'half'), '');
    throw new Error('cut off');
  };
  await expect(cached('failing', fails)).rejects.toThrow('cut off');
  expect(readdirSync(cacheFolder()).filter((name) => name.includes('failing'))).toEqual([]);
});

test('a cached folder with a truncated file is replaced', async () => {
  const folder = await cached('short', filling());
  await truncate(join(folder, 'file'), 3);
  await cached('short', filling());
  expect(await readFile(join(folder, 'file'), 'utf8')).toBe('contents');
});

test('a changed file of the same size is detected by its checksum', async () => {
  const folder = await cached('altered', filling());
  await writeFile(join(folder, 'file'), 'CONTENTS');
  expect(await damagedFiles(folder)).toEqual(['file']);
});

test('simultaneous populations all get a complete folder', async () => {
  const folders = await Promise.all(Array.from({ length: 5 }, () => cached('contended', filling())));
  expect(new Set(folders).size).toBe(1);
  expect(await damagedFiles(folders[0] ?? '')).toEqual([]);
  expect(readdirSync(cacheFolder()).filter((name) => name.startsWith('.'))).toEqual([]);
});

test('a cache that cannot be written is reported with the remedy', async () => {
  const file = join(root, 'no folder');
  await writeFile(file, '');
  vi.stubEnv('XDG_CACHE_HOME', file);
  await expect(cached('thing', async () => {})).rejects.toThrow(/can't be written .*set XDG_CACHE_HOME/);
  vi.stubEnv('XDG_CACHE_HOME', root);
});
