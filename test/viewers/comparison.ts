import * as z from 'zod';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { saleEventId } from '../../shared/publication/sale-events.ts';
import { expectedEventIds, keysOutOfOrder, type StoredEvent, storedEvents } from '../support/sets.ts';
import type { LastClick } from './clicks.ts';
import type { Memory, Notebook } from './notebook.ts';

const saleIdentity = z.looseObject({ date: z.string(), store_id: z.string(), product_id: z.string() });

/** The last run as stored, and as the data set requires it. */
export interface RunOnRecord {
  readonly runId: string;
  readonly stored: readonly StoredEvent[];
  readonly expected: ReadonlySet<string>;
}

export async function runOnRecord(pool: Pool, { runId, dayIndex }: LastClick): Promise<RunOnRecord> {
  const dates = await select<{ date: string }>(pool, 'SELECT DISTINCT date FROM sales_facts ORDER BY date');
  const expected = await expectedEventIds(
    pool,
    runId,
    dates.map(({ date }) => date),
    dayIndex,
  );
  return { runId, expected, stored: await storedEvents(pool, runId) };
}

/** Describes each violation of a stored run; empty if it has each event of its days once, in order by key. */
export function complaintsOfStored({ expected, stored }: RunOnRecord): string[] {
  const ids = new Set(stored.map(({ event_id }) => event_id));
  const lost = [...expected].filter((id) => !ids.has(id)).length;
  const foreign = [...ids].filter((id) => !expected.has(id)).length;
  return [
    ...(lost > 0 ? [`${lost} events are not stored.`] : []),
    ...(foreign > 0 ? [`${foreign} stored events are none of the run's.`] : []),
    ...(stored.length === ids.size ? [] : [`${stored.length - ids.size} events are stored twice.`]),
    ...keysOutOfOrder(stored).map((key) => `The days of ${key} are stored out of order.`),
  ];
}

/** Describes violations of the sales' data: all viewers must have received the same, and it must be that event. */
export function complaintsOfData(
  { runId, stored }: RunOnRecord,
  { data, contradictions }: Notebook,
): string[] {
  const wrong = stored.filter(({ id, event_id }) => {
    const text = data.get(id);
    return (
      text !== undefined &&
      saleEventId({ run_id: runId, ...saleIdentity.parse(JSON.parse(text)) }) !== event_id
    );
  });
  return [
    ...[...contradictions].map((id) => `Viewers got different data with the id ${id}.`),
    ...wrong.map(({ id }) => `What came with the id ${id} is another event than the stored one.`),
  ];
}

/**
 * Describes violations of what a viewer saw: at the end it must have exactly the last run, in order, and of each run that was
 * replaced a prefix, because it watched them from their start.
 *
 * @param runs The ids of each run that was started.
 */
export function complaintsOfViewer(
  memory: Memory,
  stored: readonly number[],
  runs: ReadonlyMap<number, readonly number[]>,
): string[] {
  const difference = firstDifference(memory.ids(), stored);
  const own = difference === null ? [] : [`has other sales than the run: ${difference}.`];
  const earlier = memory.forgotten().flatMap((ids) => {
    const run = runs.get(ids[0] ?? 0);
    if (!run) return [`saw sales from the midst of a run: first the id ${ids[0]}.`];
    const beginning = firstDifference(ids, run.slice(0, ids.length));
    return beginning === null ? [] : [`saw a replaced run otherwise than it is stored: ${beginning}.`];
  });
  return [...own, ...earlier];
}

function firstDifference(seen: readonly number[], stored: readonly number[]): string | null {
  const at = seen.findIndex((id, index) => id !== stored[index]);
  if (at >= 0) return `at place ${at} it has the id ${seen[at]} instead of ${stored[at]}`;
  return seen.length === stored.length ? null : `it has ${seen.length} instead of ${stored.length}`;
}

/** The ids of all runs, keyed by their first id. */
export async function idsOfRuns(pool: Pool): Promise<Map<number, number[]>> {
  const rows = await select<{ id: number; run_id: string }>(
    pool,
    'SELECT id, run_id FROM kafka_events ORDER BY id',
  );
  const runs = Map.groupBy(rows, ({ run_id }) => run_id);
  return new Map([...runs.values()].map((events) => [events[0]?.id ?? 0, events.map(({ id }) => id)]));
}
