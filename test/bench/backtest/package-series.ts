/** Daily series of others, from Python packages: fetched once, checked, and never part of this project. */

import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import * as z from 'zod';
import { requirePythonEnvironment } from '../../support/python-program.ts';

const MAX_OUTPUT = 64 * 1024 * 1024;
const seriesSchema = z.record(z.string(), z.array(z.array(z.number())));
const run = promisify(execFile);

/** Series of numbers a day, by kind. */
export type SeriesByKind = Readonly<Record<string, readonly (readonly number[])[]>>;

/** Where series come from. */
export interface PackageSeries {
  /** Names the virtual environment. */
  readonly environment: string;
  /** What pip installs in it. */
  readonly requirements: readonly string[];
  /** Beside this file; prints the series as JSON. */
  readonly script: string;
  /** Of what the script prints: the figures in docs/forecasting.md belong to these data. */
  readonly sha256: string;
}

/**
 * Reads the series of a package, and warns if they aren't those that the documented figures belong to. Needs Python and a package
 * index the first time.
 *
 * @throws SetupError if Python or the package can't be had
 */
export async function packageSeries(source: PackageSeries): Promise<SeriesByKind> {
  const environment = await requirePythonEnvironment(source.environment, source.requirements, console.log);
  const script = fileURLToPath(new URL(source.script, import.meta.url));
  const { stdout } = await run(path.join(environment, 'bin/python'), [script], { maxBuffer: MAX_OUTPUT });
  const { kinds, isRecorded } = checkedSeries(stdout, source.sha256);
  if (!isRecorded) console.log('These are not the data that docs/forecasting.md was measured on.');
  return kinds;
}

/**
 * Parses what a script printed.
 *
 * @param sha256 of the recorded series
 * @throws ZodError or SyntaxError if it isn't series by kind
 */
export function checkedSeries(printed: string, sha256: string): { kinds: SeriesByKind; isRecorded: boolean } {
  const text = printed.trim();
  const kinds = seriesSchema.parse(JSON.parse(text));
  return { kinds, isRecorded: createHash('sha256').update(text).digest('hex') === sha256 };
}
