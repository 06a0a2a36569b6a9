/** The results: `results.json` and its table. */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Bench, Samples } from './bench.ts';
import { isHeld, measured } from './figure.ts';

const figureResult = z.object({
  figure: z.string(),
  value: z.number(),
  least: z.number(),
  greatest: z.number(),
  samples: z.int().min(1),
  /** Absent where the figure has no goal. */
  held: z.boolean().optional(),
});

const rowResult = z.object({
  row: z.string(),
  measuredAt: z.iso.datetime(),
  rounds: z.int().min(1),
  figures: z.array(figureResult).min(1),
});

export const resultsSchema = z.object({
  /** Only what the figures depend on; nothing that names the machine. */
  machine: z.object({ cores: z.int().min(1), processor: z.string(), node: z.string() }),
  rows: z.array(rowResult),
});
export type Results = z.infer<typeof resultsSchema>;
export type RowResult = z.infer<typeof rowResult>;

export const RESULTS_FILE = fileURLToPath(new URL('results.json', import.meta.url));

/** @throws if the file doesn't match the bench's format. */
export async function readResults(file: string = RESULTS_FILE): Promise<Results> {
  return resultsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

export async function writeResults(results: Results, file: string = RESULTS_FILE): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

export function machine(): Results['machine'] {
  return { cores: cpus().length, processor: cpus()[0]?.model ?? 'unknown', node: process.version };
}

/**
 * Reduces the samples of all rounds to one number per figure.
 *
 * @throws RangeError naming a figure without samples.
 */
export function rowResultOf(bench: Bench, rounds: readonly Samples[], measuredAt: string): RowResult {
  const figures = Object.entries(bench.figures).map(([figure, { statistic, goal }]) => {
    const samples = rounds.flatMap((round) => round[figure] ?? []);
    if (samples.length === 0) throw new RangeError(`${bench.row} has no samples of ${figure}.`);
    const { value, ...spread } = measured(samples, statistic);
    return {
      figure,
      value: shortened(value),
      ...spread,
      least: shortened(spread.least),
      greatest: shortened(spread.greatest),
      ...(goal === undefined ? {} : { held: isHeld(goal, value) }),
    };
  });
  return { row: bench.row, measuredAt, rounds: rounds.length, figures };
}

/** Three significant digits; more would be noise. */
function shortened(value: number): number {
  return Math.abs(value) >= 100 ? Math.round(value) : Number(value.toPrecision(3));
}

/** The results with some rows replaced, in the order of the benches. */
export function withRows(results: Results, rows: readonly RowResult[], order: readonly string[]): Results {
  const byRow = new Map([...results.rows, ...rows].map((row) => [row.row, row]));
  return { ...results, rows: order.flatMap((row) => byRow.get(row) ?? []) };
}
