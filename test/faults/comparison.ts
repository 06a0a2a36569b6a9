import { expect } from 'vitest';
import type { Pool } from '../../shared/mysql/connection.ts';
import { saleEventId } from '../../shared/publication/sale-events.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import { expectedEventIds, keysOutOfOrder, storedEvents } from '../support/sets.ts';
import type { AcceptedRun, Acknowledged } from './accepted-runs.ts';
import type { ResumingViewer } from './resuming-viewer.ts';

/** Stores as the comparison reads them, bypassing all proxies. */
export interface Observed {
  readonly pool: Pool;
  readonly store: SimulationStore;
}

/** How much a comparison found to be identical everywhere. */
export interface Compared {
  readonly runs: number;
  readonly events: number;
  /** Of all foreign batches so far: as many as they have messages. */
  readonly deadLetters: number;
}

/**
 * Compares a run's event ids: those of its accepted days in the data set with those in `kafka_events`. None may be lost or
 * doubled, each key must be in order, and every day must be counted as complete.
 */
export async function compareRun({ pool, store }: Observed, run: AcceptedRun): Promise<number> {
  const { runId, calendarId, lastIndex } = run;
  const { dates } = await store.readCalendar(calendarId);
  const stored = await storedEvents(pool, runId);
  const expected = await expectedEventIds(pool, runId, dates, lastIndex);
  expect(difference(expected, new Set(stored.map(({ event_id }) => event_id))), `run ${runId}`).toEqual({
    lost: [],
    strange: [],
  });
  expect(stored.length, `rows of run ${runId}`).toBe(expected.size);
  expect(keysOutOfOrder(stored), `keys out of order in run ${runId}`).toEqual([]);
  const days = await store.readDays(runId);
  expect(days.map(({ dayIndex }) => dayIndex)).toEqual(
    dates.slice(0, lastIndex + 1).map((_, index) => index),
  );
  for (const day of days) {
    expect(day, `day ${day.dayIndex} of run ${runId}`).toMatchObject({ dayReceived: day.dayTotal });
    expect(day.completedAt, `completion of day ${day.dayIndex} of run ${runId}`).not.toBeNull();
  }
  return stored.length;
}

/** The first few missing and unexpected ids; the complete sets would fill the screen. */
function difference(expected: ReadonlySet<string>, found: ReadonlySet<string>) {
  return {
    lost: [...expected].filter((id) => !found.has(id)).slice(0, 3),
    strange: [...found].filter((id) => !expected.has(id)).slice(0, 3),
  };
}

/** Compares what a viewer saw of the current run with `kafka_events`: the same events, in the same order, once. */
export async function compareViewer(
  { pool }: Observed,
  runId: string,
  viewer: ResumingViewer,
): Promise<void> {
  const { sales, statuses } = viewer.seen();
  expect(statuses.at(-1)?.run_id).toBe(runId);
  const stored = await storedEvents(pool, runId);
  expect(sales.map(({ id }) => id)).toEqual(stored.map(({ id }) => id));
  const shown = sales.map((sale) => saleEventId({ ...sale, run_id: runId }));
  expect(shown).toEqual(stored.map(({ event_id }) => event_id));
}

/** Checks acknowledged advances against the table's history: each took days of its own. */
export function compareClicks(runs: readonly AcceptedRun[], acknowledged: readonly Acknowledged[]): void {
  const byRun = new Map(runs.map((run) => [run.runId, run]));
  for (const { runId, dayIndex, days } of acknowledged) {
    const acceptances = byRun.get(runId)?.acceptances ?? [];
    expect(acceptances, `acknowledged click of run ${runId}`).toContainEqual({ dayIndex, days });
  }
  const days = acknowledged.map(({ runId, dayIndex }) => `${runId} ${dayIndex}`);
  expect(new Set(days).size, 'days acknowledged twice').toBe(days.length);
}
