import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDatasetFile } from '../../data/generate.ts';
import { SetupError } from './servers/setup-error.ts';

export interface DatasetFolders {
  /** Where people put their own file. */
  readonly raw: string;
  /** Where the generated file is kept. */
  readonly generated: string;
  /** The sources of the generator. */
  readonly generator: string;
}

const SEED = 1;

/** Also what can't be loaded, such as a workbook: a message is better than passing it over. */
const DATASET_NAME = /\.(csv|tsv|txt|zip|xlsx?|ods|parquet)(\.gz)?$/i;

/**
 * Returns the path of the data set to load: the requested one, otherwise the one in `raw`, otherwise a generated one, which
 * is written if it doesn't exist.
 *
 * @throws SetupError if `raw` contains several.
 */
export async function chooseDataset(asked: string | null, folders: DatasetFolders): Promise<string> {
  if (asked !== null) return asked;
  const [own, ...others] = (await listOf(folders.raw)).filter((name) => DATASET_NAME.test(name));
  if (own === undefined) return generatedDataset(folders);
  if (others.length === 0) return join(folders.raw, own);
  const names = [own, ...others].join(', ');
  throw new SetupError(
    `Several data sets are in ${folders.raw} (${names}): leave one there, or choose with --dataset <csv>.`,
  );
}

/** Named after the generator's sources, so that a new version writes a new file. */
async function generatedDataset({ generated, generator }: DatasetFolders): Promise<string> {
  const path = join(generated, `generated-${await versionOf(generator)}.csv`);
  const exists = await stat(path).catch(() => null);
  if (exists) return path;
  await mkdir(generated, { recursive: true });
  await writeDatasetFile(path, { seed: SEED, scale: 1 });
  return path;
}

async function versionOf(folder: string): Promise<string> {
  const hash = createHash('sha256');
  for (const name of (await readdir(folder)).sort()) hash.update(await readFile(join(folder, name)));
  return hash.digest('hex').slice(0, 12);
}

async function listOf(folder: string): Promise<string[]> {
  return (await readdir(folder).catch(() => [])).sort();
}
