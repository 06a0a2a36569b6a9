import { type Pool, select } from '../../shared/mysql/connection.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import {
  type PublicationDependencies,
  publishAgain,
  publishDue,
  type RequestsByDay,
} from '../../shared/publication/publication.ts';
import type { DayProgress, SimulationState } from '../../shared/simulation/state.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';

/** A run's rows in MySQL. */
export interface StoredRun {
  /** Rows per day index. */
  readonly received: ReadonlyMap<number, number>;
  /** The greatest id; 0 if there are no rows. */
  readonly headId: number;
}

/** What the reconciliation depends on. */
export interface ReconciliationDependencies extends PublicationDependencies {
  readonly store: PublicationDependencies['store'] &
    Pick<SimulationStore, 'readState' | 'readDays' | 'raiseDayReceived' | 'raiseHead' | 'retireRun'>;
  readonly readStoredRun: (runId: string) => Promise<StoredRun>;
  readonly log: Logger;
}

/** A day is published again if it is still incomplete this long after it was last published. */
const OVERDUE_MS = 10 * 60 * 1_000;

/** How long the items of a replaced run are kept after it was completely stored. */
const RETIRED_FOR_SECONDS = 7 * 24 * 60 * 60;

/**
 * Repairs what was lost between a click and the stored rows, for the current run and the runs it replaced: publishes due days,
 * raises counters that lag behind MySQL, and re-publishes days that never arrived. It may run any number of times, at any
 * moment and concurrently with everything else.
 */
export async function reconcile(dependencies: ReconciliationDependencies): Promise<void> {
  const state = await dependencies.store.readState();
  if (!state) return;
  await reconcileRun(dependencies, state.runId, state.dayIndex, lastRequest(state));
  await reconcileRetired(dependencies, state);
}

/** The last accepted request, which the state still knows if its stream record was lost. */
function lastRequest({ dayIndex, requestedAt, traceparent }: SimulationState): RequestsByDay {
  if (requestedAt === null || traceparent === null) return new Map();
  return new Map([[dayIndex, { requestedAt, traceparent }]]);
}

/** Completes replaced runs, then lets them expire. */
async function reconcileRetired(
  dependencies: ReconciliationDependencies,
  { retired }: SimulationState,
): Promise<void> {
  for (const [runId, acceptedIndex] of Object.entries(retired)) {
    if (!(await reconcileRun(dependencies, runId, acceptedIndex))) continue;
    const expiresAt = Math.floor(Date.parse(dependencies.now()) / 1_000) + RETIRED_FOR_SECONDS;
    await dependencies.store.retireRun(runId, expiresAt);
  }
}

/** @returns whether every accepted day of the run is completely stored. */
async function reconcileRun(
  dependencies: ReconciliationDependencies,
  runId: string,
  acceptedIndex: number,
  requests: RequestsByDay = new Map(),
): Promise<boolean> {
  const published = await publishDue(dependencies, runId, acceptedIndex, requests);
  if (published > 0)
    dependencies.log.warn('published days that no trigger had published', { run_id: runId, days: published });

  const incomplete = await incompleteDays(dependencies, runId);
  if (incomplete.length === 0) return true;
  await raiseCounters(dependencies, runId, incomplete);

  const missing = await incompleteDays(dependencies, runId);
  const overdue = missing.filter((day) => isOverdue(day, dependencies.now()));
  if (overdue.length > 0) {
    dependencies.log.warn('publishing days again that have not arrived', {
      run_id: runId,
      days: overdue.length,
    });
    await publishAgain(dependencies, runId, overdue);
  }
  return missing.length === 0;
}

async function incompleteDays({ store }: ReconciliationDependencies, runId: string): Promise<DayProgress[]> {
  return (await store.readDays(runId)).filter(({ completedAt }) => completedAt === null);
}

/** Queries MySQL only for a run with incomplete days. */
async function raiseCounters(
  { store, readStoredRun, now }: ReconciliationDependencies,
  runId: string,
  incomplete: readonly DayProgress[],
): Promise<void> {
  const stored = await readStoredRun(runId);
  if (stored.headId > 0) await store.raiseHead(runId, stored.headId);
  for (const { dayIndex, date, dayTotal, dayReceived } of incomplete) {
    const received = stored.received.get(dayIndex) ?? 0;
    if (received > dayReceived) {
      await store.raiseDayReceived(runId, { dayIndex, date, dayTotal, received, at: now() });
    }
  }
}

function isOverdue({ publishedAt, publishedAgainAt }: DayProgress, now: string): boolean {
  const last = publishedAgainAt ?? publishedAt;
  return last !== null && Date.parse(now) - Date.parse(last) > OVERDUE_MS;
}

const RECEIVED =
  'SELECT day_index, COUNT(*) AS received FROM kafka_events WHERE run_id = ? GROUP BY day_index';
const HEAD = 'SELECT COALESCE(MAX(id), 0) AS head_id FROM kafka_events WHERE run_id = ?';

/** Counts a run's rows, from covering indexes. The head is read last, so that it includes every counted row. */
export async function readStoredRun(pool: Pool, runId: string): Promise<StoredRun> {
  const days = await select<{ day_index: number; received: number }>(pool, RECEIVED, [runId]);
  const [head] = await select<{ head_id: number }>(pool, HEAD, [runId]);
  return {
    received: new Map(days.map(({ day_index, received }) => [day_index, received])),
    headId: head?.head_id ?? 0,
  };
}
