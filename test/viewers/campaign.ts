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
  type RestlessViewer,
  type ViewerCounts,
  watchReconnecting,
} from './reconnecting-viewer.ts';

export interface CampaignOptions {
  /** Address of a host that stands before its first day. */
  readonly url: string;
  /** On its database. */
  readonly pool: Pool;
  /** Of all that is left to chance; the same one replays the plans of clicks and viewers. */
  readonly seed: number;
  readonly viewers: number;
  readonly runs: number;
  /** Days of the last run, and the most that the others have. */
  readonly days: number;
  /** How long the last sale may take to reach the last viewer. */
  readonly settleWithinMs: number;
}

export interface CampaignReport {
  /** In sentences; empty if every viewer has exactly the run's events. */
  readonly complaints: readonly string[];
  readonly counts: ViewerCounts;
  /** Sales that came to viewers, the repeated runs of resets included. */
  readonly deliveries: number;
  /** Events of the last run. */
  readonly events: number;
}

/** Restless enough that each viewer comes and goes several times in a run. */
const RESTLESSNESS = { sales: 1_500, withinMs: 5_000, awayMs: 1_500, stallMs: 2_000 };

/** Lets many viewers come and go while runs are clicked and replaced, and compares what each has in the end. */
export async function viewerCampaign(options: CampaignOptions): Promise<CampaignReport> {
  const { url, seed, pool } = options;
  const counts = noCounts();
  const notebook = openNotebook();
  const watching = Array.from({ length: options.viewers }, (_, number) => {
    const memory = notebook.memory();
    const plan = viewerPlan(seed, number, RESTLESSNESS);
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
  readonly viewer: RestlessViewer;
}

function deliveriesTo(watching: readonly Watching[]): number {
  const lists = watching.flatMap(({ memory }) => [memory.ids(), ...memory.forgotten()]);
  return lists.reduce((total, ids) => total + ids.length, 0);
}

/** Resolves to the number of events of the run once all of its accepted days are stored. */
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

/** Resolves when each viewer has as many sales as there are, or at the latest after a time: what is missing then shows. */
async function whenSeen(watching: readonly Watching[], count: number, withinMs: number): Promise<void> {
  await until(() => watching.every(({ memory }) => memory.ids().length >= count), withinMs);
}

async function until(condition: () => boolean | Promise<boolean>, withinMs: number): Promise<void> {
  const deadline = performance.now() + withinMs;
  while (!(await condition()) && performance.now() < deadline) await delay(100);
}
