import { setTimeout as delay } from 'node:timers/promises';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { clickThroughRuns, type LastClick } from './clicks.ts';
import {
  complaintsOfData,
  complaintsOfStored,
  complaintsOfViewer,
  idsOfRuns,
  runOnRecord,
} from './comparison.ts';
import { type Memory, openNotebook } from './notebook.ts';
import { viewerPlan } from './plan.ts';
import {
  noCounts,
  type ReconnectingViewer,
  type ViewerCounts,
  watchReconnecting,
} from './reconnecting-viewer.ts';

export interface CampaignOptions {
  /** Address of a host before its first day. */
  readonly url: string;
  /** A pool on its database. */
  readonly pool: Pool;
  /** Seed of the plans of advances and viewers. */
  readonly seed: number;
  readonly viewers: number;
  readonly runs: number;
  /** Days of the last run, and the maximum for the others. */
  readonly days: number;
  /** Time limit for the last sale to reach the last viewer. */
  readonly settleWithinMs: number;
}

export interface CampaignReport {
  /** One sentence per violation; empty if every viewer has exactly the run's events. */
  readonly complaints: readonly string[];
  readonly counts: ViewerCounts;
  /** Sales delivered to viewers, including those of replaced runs. */
  readonly deliveries: number;
  /** Events of the last run. */
  readonly events: number;
}

/** Reconnecting often enough that each viewer comes and goes several times in a run. */
const RECONNECTIONS = { sales: 1_500, withinMs: 5_000, awayMs: 1_500, stallMs: 2_000 };

/** Lets many viewers come and go while runs advance and are replaced, and compares what each has at the end. */
export async function viewerCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { url, seed, pool } = options;
  const counts = noCounts();
  const notebook = openNotebook();
  const watching = Array.from({ length: options.viewers }, (_, number) => {
    const memory = notebook.memory();
    const plan = viewerPlan(seed, number, RECONNECTIONS);
    return { memory, viewer: watchReconnecting({ url, plan, witness: memory, counts }) };
  });
  try {
    const last = await clickThroughRuns(options);
    const stored = await whenStored(pool, last, options.settleWithinMs);
    for (const { viewer } of watching) viewer.settle();
    await whenSeen(watching, stored, options.settleWithinMs);
    const record = await runOnRecord(pool, last);
    const runs = await idsOfRuns(pool);
    const ids = record.stored.map(({ id }) => id);
    const ofViewers = watching.flatMap(({ memory }, number) =>
      complaintsOfViewer(memory, ids, runs).map((complaint) => `Viewer ${number} ${complaint}`),
    );
    const complaints = [...complaintsOfStored(record), ...complaintsOfData(record, notebook), ...ofViewers];
    return { complaints, counts, deliveries: deliveriesTo(watching), events: ids.length };
  } finally {
    await Promise.all(watching.map(({ viewer }) => viewer.stop()));
  }
}

interface Watching {
  readonly memory: Memory;
  readonly viewer: ReconnectingViewer;
}

function deliveriesTo(watching: readonly Watching[]): number {
  const lists = watching.flatMap(({ memory }) => [memory.ids(), ...memory.forgotten()]);
  return lists.reduce((total, ids) => total + ids.length, 0);
}

/** Resolves to the run's number of events once all accepted days are stored. */
async function whenStored(pool: Pool, { runId, dayIndex }: LastClick, withinMs: number): Promise<number> {
  const [due] = await select<{ count: number }>(
    pool,
    'SELECT COUNT(*) AS count FROM sales_facts WHERE date <= (SELECT DISTINCT date FROM sales_facts ORDER BY date LIMIT 1 OFFSET ?)',
    [dayIndex],
  );
  const sql = 'SELECT COUNT(*) AS count FROM kafka_events WHERE run_id = ?';
  const count = due?.count ?? 0;
  await until(
    async () => ((await select<{ count: number }>(pool, sql, [runId]))[0]?.count ?? 0) >= count,
    withinMs,
  );
  return count;
}

/** Resolves when each viewer has all sales, or after a time limit; what is missing then shows in the comparison. */
async function whenSeen(watching: readonly Watching[], count: number, withinMs: number): Promise<void> {
  await until(() => watching.every(({ memory }) => memory.ids().length >= count), withinMs);
}

async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition()) && performance.now() < deadline) await delay(100);
}
