/**
 * `npm run bench [-- --only <row> …] [--rounds <n>] [--peers] [--original <folder>] [--cpu-prof <folder>]`: measures the numbers to hold, prints them, and writes
 * `results.json` and the table of `docs/performance.md`. Every round measures each row once, on empty servers of its own, so
 * that a change of the machine's load meets all rows alike. It ends all that it started.
 */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { loadavg, tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import * as z from 'zod';
import { withDeadline } from '../../shared/deadline.ts';
import { startOwnServers } from '../support/own-servers.ts';
import type { Bench, BenchContext, Samples } from './bench.ts';
import { benches } from './benches.ts';
import { bringPeers, countPeers } from './peers/peers.ts';
import { allowPeers, endPeers } from './peers/running-peer.ts';
import { machine, type RowResult, readResults, rowResultOf, withRows, writeResults } from './results.ts';
import { QUIET_LOAD, resultsTable, withTable } from './results-table.ts';

const DOCUMENT = path.join(import.meta.dirname, '../../docs/performance.md');
const ROUNDS = 3;
/** A row that can't begin by then is left out of the round. */
const ROUND_WITHIN_MS = 12 * 60_000;
/** No row takes half of it on a quiet machine. */
const ROW_WITHIN_MS = 240_000;
/** What each peer may take beyond that: one that is too slow is given up after two minutes. */
const PEER_WITHIN_MS = 150_000;
/** For a row that took too long to end what it has started. */
const ENDED_WITHIN_MS = 15_000;
/** How long a round may wait in all for the load of its own earlier rows to pass. */
const SETTLE_WITHIN_MS = 60_000;
const SETTLE_POLL_MS = 1_000;

const optionsSchema = z.object({
  only: z.array(z.enum(benches.map(({ row }) => row))).default([]),
  rounds: z.coerce.number().int().min(1).max(100).default(ROUNDS),
  peers: z.boolean().default(false),
  original: z.string().min(1).optional(),
  'cpu-prof': z.string().min(1).optional(),
});

function parseOptions(): z.infer<typeof optionsSchema> {
  const { values } = parseArgs({
    options: {
      only: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      peers: { type: 'boolean' },
      original: { type: 'string' },
      'cpu-prof': { type: 'string' },
    },
  });
  const options = optionsSchema.safeParse(values);
  if (!options.success) throw new Error(z.prettifyError(options.error));
  return options.data;
}

/** The samples of a row so far. */
interface Row {
  readonly bench: Bench;
  readonly samples: Samples[];
  /** One-minute load average before each of them. */
  readonly loads: number[];
}

async function main(): Promise<void> {
  const { only, rounds, peers: isBesidePeers, original, 'cpu-prof': profileDirectory } = parseOptions();
  const asked = only.length === 0 ? benches : benches.filter(({ row }) => only.includes(row));
  const rows = asked.map((bench): Row => ({ bench, samples: [], loads: [] }));
  const directory = await mkdtemp(path.join(tmpdir(), 'bench-'));
  const report = (line: string) => console.error(line);
  try {
    const peers = await bringPeers({ peers: isBesidePeers, original }, report);
    for (let round = 1; round <= rounds; round += 1) {
      const begun = performance.now();
      await measureRound(rows, { directory, report, profileDirectory, peers });
      report(`Round ${round} of ${rounds}: ${secondsSince(begun)} s`);
    }
    // A profiled run is slower, so its figures aren't kept.
    await publish(rows, { keep: profileDirectory === undefined });
  } finally {
    await rm(directory, { recursive: true, force: true });
  }
}

async function measureRound(rows: readonly Row[], options: Omit<BenchContext, 'servers'>): Promise<void> {
  const servers = await startOwnServers(options.report);
  const context = { ...options, servers: servers.running };
  const roundBegun = performance.now();
  const roundWithinMs = ROUND_WITHIN_MS + countPeers(options.peers) * PEER_WITHIN_MS;
  let mayWaitMs = SETTLE_WITHIN_MS;
  try {
    for (const row of rows) {
      const begun = performance.now();
      if (begun - roundBegun > roundWithinMs) {
        options.report(`  ${row.bench.row}: left out, because the round has taken too long`);
        continue;
      }
      while (oneMinuteLoad() > QUIET_LOAD && performance.now() - begun < mayWaitMs)
        await delay(SETTLE_POLL_MS);
      mayWaitMs -= performance.now() - begun;
      await measureOnce(row, context).catch(tell);
    }
  } finally {
    await servers.stop();
  }
}

async function measureOnce({ bench, samples, loads }: Row, context: BenchContext): Promise<void> {
  const load = oneMinuteLoad();
  const begun = performance.now();
  const withinMs = ROW_WITHIN_MS + countPeers(context.peers) * PEER_WITHIN_MS;
  const late = () => new Error(`${bench.row} took more than ${withinMs / 1_000} s.`);
  allowPeers();
  const session = await bench.open(context);
  const round = session.round();
  try {
    samples.push(await withDeadline(withinMs, round, late));
    loads.push(load);
  } catch (error) {
    endPeers(error instanceof Error ? error : late());
    // Its peers are ended by what started them, so its servers and folders must still be there.
    await Promise.race([round.catch(() => undefined), delay(ENDED_WITHIN_MS, undefined, { ref: false })]);
    throw error;
  } finally {
    await session.close();
  }
  context.report(`  ${bench.row}: ${secondsSince(begun)} s, one-minute load before ${load.toFixed(1)}`);
}

async function publish(rows: readonly Row[], { keep }: { keep: boolean }): Promise<void> {
  const measuredAt = new Date().toISOString();
  const measured = rows.flatMap(({ bench, samples, loads }): RowResult[] =>
    samples.length === 0 ? [] : [rowResultOf(bench, samples, { loads, machine: machine(), measuredAt })],
  );
  console.log(resultsTable({ rows: measured }, benches));
  if (!keep) return;
  const results = withRows(
    await readResults(),
    measured,
    benches.map(({ row }) => row),
  );
  await writeResults(results);
  await writeFile(DOCUMENT, withTable(await readFile(DOCUMENT, 'utf8'), resultsTable(results, benches)));
}

function oneMinuteLoad(): number {
  return loadavg()[0] ?? 0;
}

function secondsSince(begun: number): string {
  return ((performance.now() - begun) / 1_000).toFixed(0);
}

/** A row that can't be measured doesn't fail the others; its previous result stays. */
function tell(error: unknown): void {
  console.error(error);
  process.exitCode = 1;
}

await main().catch(tell);
