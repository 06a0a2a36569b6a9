/** The results: `results.json` and its table. */
import { readFile, writeFile } from 'node:fs/promises';
import { cpus } from 'node:os';
import { fileURLToPath } from 'node:url';
import * as z from 'zod';
import type { Bench, Samples } from './bench.ts';
import { measured } from './figure.ts';

const figureResult = z.object({
  figure: z.string(),
  value: z.number(),
  least: z.number(),
  greatest: z.number(),
  samples: z.int().min(1),
});

/** Only what the figures depend on; nothing that names the machine. */
const machineSchema = z.object({ cores: z.int().min(1), processor: z.string(), node: z.string() });

const rowResult = z.object({
  row: z.string(),
  measuredAt: z.iso.datetime(),
  rounds: z.int().min(1),
  machine: machineSchema,
  /** The greatest one-minute load average right before a round; null if it wasn't recorded. */
  load: z.number().min(0).nullable(),
  figures: z.array(figureResult).min(1),
});

export const resultsSchema = z.object({ rows: z.array(rowResult) });
export type Results = z.infer<typeof resultsSchema>;
export type RowResult = z.infer<typeof rowResult>;
export type Machine = z.infer<typeof machineSchema>;

export const RESULTS_FILE = fileURLToPath(new URL('results.json', import.meta.url));

/** @throws if the file doesn't match the bench's format. */
export async function readResults(file: string = RESULTS_FILE): Promise<Results> {
  return resultsSchema.parse(JSON.parse(await readFile(file, 'utf8')));
}

export async function writeResults(results: Results, file: string = RESULTS_FILE): Promise<void> {
  await writeFile(file, `${JSON.stringify(results, null, 2)}\n`);
}

export function machine(): Machine {
  return { cores: cpus().length, processor: cpus()[0]?.model ?? 'unknown', node: process.version };
}

/** Where and when a row was measured. */
export interface Circumstances {
  /** One-minute load average right before each round. */
  readonly loads: readonly number[];
  readonly machine: Machine;
  /** ISO 8601. */
  readonly measuredAt: string;
}

/**
 * Reduces the samples of all rounds to one number per figure. A figure of a peer that wasn't there is left out.
 *
 * @throws RangeError naming a figure without samples.
 */
export function rowResultOf(
  bench: Pick<Bench, 'row' | 'figures'>,
  rounds: readonly Samples[],
  { loads, machine, measuredAt }: Circumstances,
): RowResult {
  const figures = Object.entries(bench.figures).flatMap(([figure, { statistic, optional }]) => {
    const samples = rounds.flatMap((round) => round[figure] ?? []);
    if (samples.length === 0 && optional) return [];
    if (samples.length === 0) throw new RangeError(`${bench.row} has no samples of ${figure}.`);
    const { value, ...spread } = measured(samples, statistic);
    return {
      figure,
      value,
      ...spread,
    };
  });
  const load = loads.length === 0 ? null : Math.max(...loads);
  return { row: bench.row, measuredAt, rounds: rounds.length, machine, load, figures };
}

/** The results with some rows replaced, in the order of the benches. */
export function withRows(results: Results, rows: readonly RowResult[], order: readonly string[]): Results {
  const byRow = new Map([...results.rows, ...rows].map((row) => [row.row, row]));
  return { rows: order.flatMap((row) => byRow.get(row) ?? []) };
}
