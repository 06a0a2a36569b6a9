import { type Pool, select } from '../../shared/mysql/connection.ts';
import { eventsOfDay, type SaleFact, salesOfDates } from '../../shared/publication/sale-events.ts';

/** The event ids days 0 to `lastDayIndex` of a run must have, computed from the data set. */
export async function expectedEventIds(
  pool: Pool,
  runId: string,
  dates: readonly string[],
  lastDayIndex: number,
): Promise<Set<string>> {
  const facts = Map.groupBy<string, SaleFact>(await salesOfDates(pool, dates), ({ date }) => date);
  const days = dates.slice(0, lastDayIndex + 1);
  return new Set(
    days.flatMap((date, dayIndex) =>
      eventsOfDay(runId, dayIndex, facts.get(date) ?? []).map(({ event_id }) => event_id),
    ),
  );
}

/** The columns of `kafka_events` that comparisons need. */
export interface StoredEvent {
  readonly id: number;
  readonly event_id: string;
  readonly day_index: number;
  readonly store_id: string;
  readonly product_id: string;
  readonly trace_id: string | null;
}

/** The stored events of a run, by id. */
export async function storedEvents(pool: Pool, runId: string): Promise<StoredEvent[]> {
  const columns = 'id, event_id, day_index, store_id, product_id, trace_id';
  return select<StoredEvent>(pool, `SELECT ${columns} FROM kafka_events WHERE run_id = ? ORDER BY id`, [
    runId,
  ]);
}

/** Keys whose days don't ascend with the ids; empty if each key is in order. */
export function keysOutOfOrder(events: readonly StoredEvent[]): string[] {
  const byKey = Map.groupBy(events, ({ store_id, product_id }) => `${store_id}_${product_id}`);
  const outOfOrder = [...byKey].filter(([, ofKey]) =>
    ofKey.some((event, index) => event.day_index <= (ofKey[index - 1]?.day_index ?? -1)),
  );
  return outOfOrder.map(([key]) => key);
}
