/** `npm run prune-runs`: deletes the events of past runs. */
import { parseArgs } from 'node:util';
import { UsageError } from '../../command-line.ts';
import { prunePastRuns } from '../stores/past-runs.ts';
import { type CommandStores, runOnStores } from './command.ts';

const USAGE = `Usage: npm run prune-runs -- [--keep <n>]

Deletes the events of past runs. The current run stays, and so does a run that isn't completely stored yet.

  --keep <n>   past runs to keep, newest first (default: 0)`;

await runOnStores(async (stores) => prune(stores, parseKeep(process.argv.slice(2))));

function parseKeep(args: string[]): number {
  const keep = Number(readKeep(args));
  if (!Number.isSafeInteger(keep) || keep < 0) throw new UsageError(USAGE);
  return keep;
}

function readKeep(args: string[]): string {
  try {
    return parseArgs({ args, options: { keep: { type: 'string', default: '0' } } }).values.keep;
  } catch (error) {
    throw new UsageError(USAGE, { cause: error });
  }
}

async function prune({ pool, simulation }: CommandStores, keep: number): Promise<void> {
  const { deleted, kept } = await prunePastRuns(pool, simulation, keep);
  for (const { runId, events } of deleted) console.log(`Run ${runId}: ${events} events deleted.`);
  console.log(`${deleted.length} past runs deleted, ${kept} kept.`);
}
