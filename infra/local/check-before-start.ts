import { createHash } from 'node:crypto';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type CheckedDataset, checkDataset } from '../../shared/dataset/check-dataset.ts';
import { InvalidDatasetError, UnreadableDatasetError } from '../../shared/dataset/errors.ts';
import { openDataset } from '../../shared/dataset/open-dataset.ts';
import type { DatasetSettings } from '../../shared/dataset/settings.ts';
import { SetupError } from './servers/setup-error.ts';

/**
 * Reads a file as the ETL will, without storing anything.
 *
 * @throws SetupError with every problem of the file.
 */
export async function checkFile(path: string, settings: DatasetSettings): Promise<CheckedDataset> {
  try {
    const dataset = openDataset({ kind: 'file', path, settings });
    return await checkDataset(dataset, ignore, ignore);
  } catch (error) {
    if (!(error instanceof InvalidDatasetError || error instanceof UnreadableDatasetError)) throw error;
    throw new SetupError(error.message, { cause: error });
  }
}

async function ignore(): Promise<void> {}

interface CheckOptions {
  readonly path: string;
  readonly settings: DatasetSettings;
  /** Remembers the last file that was fine. */
  readonly stampFile: string;
  readonly report: (line: string) => void;
}

/**
 * Checks a data set before any server starts, so that its problems are the first thing a person reads. A file that was fine and
 * hasn't changed since is not checked again.
 *
 * @throws SetupError
 */
export async function checkBeforeStart({ path, settings, stampFile, report }: CheckOptions): Promise<void> {
  const stamp = await stampOf(path, settings);
  if ((await readFile(stampFile, 'utf8').catch(() => null)) === stamp) return;
  report(`Checking ${path} …`);
  await checkFile(path, settings);
  await mkdir(dirname(stampFile), { recursive: true });
  await writeFile(stampFile, stamp);
}

async function stampOf(path: string, settings: DatasetSettings): Promise<string> {
  const { size, mtimeMs } = await stat(path);
  return createHash('sha256')
    .update(JSON.stringify([path, size, mtimeMs, settings]))
    .digest('hex');
}
