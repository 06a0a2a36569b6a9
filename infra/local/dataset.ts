import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import * as z from 'zod';
import { writeDatasetFile } from '../../data/generate.ts';
import { type DatasetSettings, datasetSettingsSchema, PROFILE_NAMES } from '../../shared/dataset/settings.ts';
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

/** The options that say how a data set is read, shared by every command that takes one. */

/** For `parseArgs`. */
export const DATASET_OPTIONS = {
  map: { type: 'string' },
  'date-format': { type: 'string' },
  encoding: { type: 'string' },
  decimal: { type: 'string' },
  discount: { type: 'string' },
  returns: { type: 'string' },
  sum: { type: 'boolean' },
  round: { type: 'boolean' },
} as const;

export const DATASET_OPTIONS_HELP = `  --map <profile or json>     how to read it: ${PROFILE_NAMES.join(', ')},
                              or a file with a mapping (docs/data.md)
  --date-format <order>       dmy, mdy, ymd or excel, where the file leaves it open
  --decimal <sign>            the decimal sign: . or ,
  --discount <unit>           percent or fraction
  --encoding <name>           such as latin1 (default: UTF-8, or UTF-16 as it is found)
  --sum                       adds up several lines of a day, store and product
  --returns <how>             units below zero: net deducts them, drop leaves them out
  --round                     rounds units to whole ones, amounts to two decimals`;

/** The values of {@link DATASET_OPTIONS}; what they may be is checked with the mapping. */
export const datasetOptionValues = z.object({
  map: z.string().optional(),
  'date-format': z.string().optional(),
  encoding: z.string().optional(),
  decimal: z.string().optional(),
  discount: z.string().optional(),
  returns: z.string().optional(),
  sum: z.boolean().optional(),
  round: z.boolean().optional(),
});
export type DatasetOptionValues = z.infer<typeof datasetOptionValues>;

/**
 * The settings that options name: those of the mapping or profile, overridden by the others.
 *
 * @throws SetupError saying which option or which part of the mapping is wrong.
 */
export async function readDatasetSettings(values: DatasetOptionValues): Promise<DatasetSettings> {
  const { map, 'date-format': dateFormat, encoding, decimal, discount, returns, sum, round } = values;
  const order = dateFormat === undefined ? undefined : orderOf(dateFormat);
  const given = { dateFormat: order, encoding, decimal, discount, returns, sum, round };
  const own = Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined));
  const mapping = map === undefined ? {} : await readMapping(map);
  return parsed({ ...mapping, ...own }, map ?? 'The options');
}

/** `dd/mm/yyyy`, `d-m-y` and `DMY` are all `dmy`. */
function orderOf(format: string): string {
  return format.toLowerCase() === 'excel'
    ? 'excel'
    : format.toLowerCase().replaceAll(/[^dmy]|(.)(?=\1)/g, '');
}

async function readMapping(map: string): Promise<DatasetSettings> {
  const profile = PROFILE_NAMES.find((name) => name === map.toLowerCase());
  if (profile !== undefined) return { profile };
  const text = await readFile(map, 'utf8').catch(() => null);
  if (text === null) {
    throw new SetupError(
      `There is no profile and no file ${map}: the profiles are ${PROFILE_NAMES.join(', ')}.`,
    );
  }
  try {
    return parsed(JSON.parse(text), map);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new SetupError(`${map} is not JSON: ${error.message}`, { cause: error });
  }
}

/** @param origin The subject of the message. */
function parsed(value: unknown, origin: string): DatasetSettings {
  const result = datasetSettingsSchema.safeParse(value);
  if (result.success) return result.data;
  throw new SetupError(`${origin} can't be used to read a data set:\n${z.prettifyError(result.error)}`);
}
