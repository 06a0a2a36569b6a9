/** `npm run prune-runs`: deletes the events of past runs. */
import { parseArgs } from 'node:util';
import { deleteRunEvents, runsWithEvents } from '../../../shared/sales/past-runs.ts';
import { type CommandStores, runCommand, UsageError } from './command.ts';

const USAGE = `Usage: npm run prune-runs -- [--keep <n>]

Deletes the events of past runs. The current run stays, and so does a run that is not stored whole yet.

  --keep <n>   past runs to keep, newest first (default: 0)`;

await runCommand(async (stores) => prune(stores, parseKeep(process.argv.slice(2))));

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
  const state = await simulation.readState();
  const needed = new Set([state?.runId, ...Object.keys(state?.retired ?? {})]);
  const past = (await runsWithEvents(pool)).filter(({ runId }) => !needed.has(runId));
  const doomed = past.slice(0, Math.max(0, past.length - keep));
  for (const { runId } of doomed) {
    const deleted = await deleteRunEvents(pool, runId);
    console.log(`Run ${runId}: ${deleted} events deleted.`);
  }
  console.log(`${doomed.length} past runs deleted, ${past.length - doomed.length} kept.`);
}
