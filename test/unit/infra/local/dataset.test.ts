import { mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { chooseDataset } from '../../../../infra/local/dataset.ts';

let folder: string;
const folders = () => ({
  raw: join(folder, 'raw'),
  generated: join(folder, 'generated'),
  generator: join(folder, 'generator'),
});

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'dataset-'));
  await mkdir(folders().raw);
  await mkdir(folders().generator);
  await writeFile(join(folders().generator, 'rows.ts'), '1');
  await writeFile(join(folders().raw, 'README.md'), 'not a data set');
});
afterEach(() => rm(folder, { recursive: true }));

test('a requested data set takes precedence', async () => {
  await writeFile(join(folders().raw, 'own.csv'), '');
  expect(await chooseDataset('/asked.csv', folders())).toBe('/asked.csv');
});

test.each(['own.csv', 'OWN.CSV', 'own.csv.gz'])(
  '%s in the raw data folder is the data set if none was requested',
  async (name) => {
    await writeFile(join(folders().raw, name), '');
    expect(await chooseDataset(null, folders())).toBe(join(folders().raw, name));
  },
);

test('several files in the raw data folder are rejected by name, with the remedy', async () => {
  for (const name of ['b.csv', 'a.csv']) await writeFile(join(folders().raw, name), '');
  await expect(chooseDataset(null, folders())).rejects.toThrow(/\(a\.csv, b\.csv\): .*--dataset <csv>/);
});

test('a data set is generated once per version of the generator if there is none', async () => {
  const first = await chooseDataset(null, folders());
  expect((await readFile(first, 'utf8')).split('\n')).toHaveLength(73_102);
  const { mtimeMs } = await stat(first);
  expect(await chooseDataset(null, folders())).toBe(first);
  expect((await stat(first)).mtimeMs).toBe(mtimeMs);
  await writeFile(join(folders().generator, 'rows.ts'), '2');
  expect(await chooseDataset(null, folders())).not.toBe(first);
  expect(await readdir(folders().generated)).toHaveLength(2);
});
