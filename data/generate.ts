import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { DATASET_COLUMNS } from '../shared/dataset/columns.ts';
import { type DatasetRow, generateRows } from './generator/rows.ts';

/**
 * Writes the stand-in for the Kaggle file "retail store inventory": `npm run rtm -- generate --output data.csv`.
 * What is in it and why: docs/data.md.
 */

const ROWS_PER_WRITE = 500;

/** First line of the file, without its line end: as in the Kaggle file "retail store inventory". */
export const CSV_HEADER = DATASET_COLUMNS.join(',');

const USAGE = `Usage: node data/generate.ts [--seed <n>] [--scale <k>] [--output <path>]
  --seed    which data set, 0 to 4294967295 (default 1); the same seed gives the same file everywhere
  --scale   times 5 stores, 1 to 199 (default 1)
  --output  the file to write (default: standard output)`;

export interface GenerateOptions {
  readonly seed: number;
  readonly scale: number;
}

/** Text of the file, in chunks of a few hundred lines. */
export function* generateCsv({ seed, scale }: GenerateOptions): Generator<string> {
  let lines = [CSV_HEADER];
  for (const row of generateRows(seed, scale)) {
    lines.push(csvLine(row));
    if (lines.length < ROWS_PER_WRITE) continue;
    yield `${lines.join('\n')}\n`;
    lines = [];
  }
  yield `${lines.join('\n')}\n`;
}

/** Writes a data set to a file. The file gets its name once it is complete, so an interrupted run leaves no partial file. */
export async function writeDatasetFile(path: string, options: GenerateOptions): Promise<void> {
  const partial = `${path}.${process.pid}.partial`;
  try {
    const file = createWriteStream(partial);
    await writeAll(file, generateCsv(options));
    file.end();
    await finished(file);
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

async function writeAll(output: Writable, pieces: Iterable<string>): Promise<void> {
  for (const piece of pieces) {
    if (!output.write(piece)) await once(output, 'drain');
  }
}

const optionsSchema = z.object({
  seed: z.coerce.number().int().min(0).max(0xffffffff).default(1),
  scale: z.coerce.number().int().min(1).max(199).default(1),
  output: z.string().min(1).optional(),
});

/** @throws an error that says what is wrong with the arguments. */
function parseOptions(args: string[]): z.infer<typeof optionsSchema> & { help: boolean } {
  const { values } = parseArgs({
    args,
    options: {
      seed: { type: 'string' },
      scale: { type: 'string' },
      output: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  });
  const options = optionsSchema.safeParse(values);
  if (!options.success) throw new Error(z.prettifyError(options.error));
  return { ...options.data, help: values.help };
}

async function main(args: string[]): Promise<void> {
  const { help, output, ...options } = parseOptions(args);
  if (help) return writeAll(process.stdout, [`${USAGE}\n`]);
  if (output === undefined) return writeAll(process.stdout, generateCsv(options));
  await writeDatasetFile(output, options);
}

/** A row as a line of the file, without its line end. None of the values ever needs quoting. */
export function csvLine(row: DatasetRow): string {
  return [
    row.date,
    row.storeId,
    row.productId,
    row.category,
    row.region,
    row.inventoryLevel,
    row.unitsSold,
    row.unitsOrdered,
    decimal(row.demandForecast),
    decimal(row.price),
    row.discount,
    row.weather,
    row.isPromotion ? 1 : 0,
    decimal(row.competitorPricing),
    row.season,
  ].join(',');
}

/** As the original file writes decimals: `33.5`, not `33.50`, and `20.0`, not `20`. */
function decimal(value: number): string {
  return Number.isInteger(value) ? `${value}.0` : String(value);
}

if (import.meta.main) {
  await main(process.argv.slice(2)).catch((error: unknown) => {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n${USAGE}\n`);
    process.exitCode = 1;
  });
}
