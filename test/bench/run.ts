/**
 * `npm run bench [-- --only <row> …] [--rounds <n>] [--cpu-prof <folder>]`: measures the numbers to hold, prints them, and writes
 * `results.json` and the table of `docs/performance.md`. It brings servers of its own and ends all that it started.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { startOwnServers } from '../support/own-servers.ts';
import type { Bench, BenchContext, Samples } from './bench.ts';
import { benches } from './benches.ts';
import { machine, type RowResult, readResults, rowResultOf, withRows, writeResults } from './results.ts';
import { resultsTable, withTable } from './results-table.ts';

const DOCUMENT = path.join(import.meta.dirname, '../../docs/performance.md');

const optionsSchema = z.object({
  only: z.array(z.enum(benches.map(({ row }) => row))).default([]),
  rounds: z.coerce.number().int().min(1).max(100).optional(),
  'cpu-prof': z.string().min(1).optional(),
});

function parseOptions(): z.infer<typeof optionsSchema> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      'cpu-prof': { type: 'string' },
    },
  });
  const options = optionsSchema.safeParse(values);
  if (!options.success) throw new Error(z.prettifyError(options.error));
  return options.data;
}

async function measure(bench: Bench, rounds: number, context: BenchContext): Promise<RowResult> {
  const begun = performance.now();
  const session = await bench.open(context);
  const samples: Samples[] = [];
  try {
    for (let round = 0; round < rounds; round += 1) samples.push(await session.round());
  } finally {
    await session.close();
  }
  const seconds = (performance.now() - begun) / 1_000;
  context.report(`${bench.row}: ${rounds} rounds in ${seconds.toFixed(0)} s`);
  return rowResultOf(bench, samples, new Date().toISOString());
}

async function main(): Promise<void> {
  const { only, rounds, 'cpu-prof': profileDirectory } = parseOptions();
  const asked = only.length === 0 ? benches : benches.filter(({ row }) => only.includes(row));
  const directory = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const report = (line: string) => console.error(line);
  const servers = await startOwnServers(report);
  try {
    const rows: RowResult[] = [];
    const context = { servers: servers.running, directory, report, profileDirectory };
    for (const bench of asked) {
      const row = await measure(bench, rounds ?? bench.rounds, context).catch(tell);
      if (row) rows.push(row);
    }
    // A profiled run is slower, so its figures aren't kept.
    await publish(rows, { keep: profileDirectory === undefined });
  } finally {
    await servers.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function publish(rows: readonly RowResult[], { keep }: { keep: boolean }): Promise<void> {
  console.log(resultsTable({ machine: machine(), rows: [...rows] }, benches));
  if (!keep) return;
  const order = benches.map(({ row }) => row);
  const earlier = rows.length === benches.length ? [] : (await readResults()).rows;
  const results = withRows({ machine: machine(), rows: earlier }, rows, order);
  await writeResults(results);
  await writeFile(DOCUMENT, withTable(await readFile(DOCUMENT, 'utf8'), resultsTable(results, benches)));
}

/** A row that can't be measured doesn't fail the others; its previous result stays. */
function tell(error: unknown): void {
  console.error(error);
  process.exitCode = 1;
}

await main().catch(tell);
