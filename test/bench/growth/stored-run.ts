import { dynamodbConfigOf } from '../../../infra/local/environment.ts';
import { select } from '../../../shared/mysql/connection.ts';
import { eventsOfDay, salesOfDates } from '../../../shared/publication/sale-events.ts';
import { nonIdempotentClient, retryingClient } from '../../../shared/simulation/dynamodb.ts';
import { openSimulationStore, type SimulationStore } from '../../../shared/simulation/store.ts';
import type { RunningSystem } from '../../support/system.ts';
import { nextDay, readStatus, untilStored } from '../simulation-client.ts';

/** Days read by one statement. */
const DAYS_AT_ONCE = 10;
/** Rows inserted by one statement. */
const ROWS_AT_ONCE = 2_000;
/** Days recorded in the ledger at a time. */
const LEDGER_AT_ONCE = 50;

const COLUMNS = [
  'event_id',
  'run_id',
  'day_index',
  'store_id',
  'product_id',
  'date',
  'units_sold',
  'price',
  'discount',
  'is_holiday_promo',
  'weather',
  'category',
  'region',
  'day_total',
] as const;

/**
 * Stores the first days of the current run without playing them: rows as the consumer would have written them, then the
 * ledger, so that nothing is due when the days are accepted.
 *
 * @returns the number of events.
 */
export async function storeDays(system: RunningSystem, days: number): Promise<number> {
  const { run_id: runId } = await readStatus(system.url);
  const calendar = await select<{ date: string; sales: number }>(
    system.pool,
    'SELECT date, COUNT(*) AS sales FROM sales_facts GROUP BY date ORDER BY date LIMIT ?',
    [days],
  );
  const dates = calendar.map(({ date }) => date);
  for (const some of inChunks(dates, DAYS_AT_ONCE)) {
    const facts = Map.groupBy(await salesOfDates(system.pool, some), ({ date }) => date);
    const events = some.flatMap((date) => eventsOfDay(runId, dates.indexOf(date), facts.get(date) ?? []));
    const rows = events.map((event) => COLUMNS.map((column) => event[column]));
    for (const part of inChunks(rows, ROWS_AT_ONCE)) {
      await system.pool.query(`INSERT INTO kafka_events (${COLUMNS.join(', ')}) VALUES ?`, [part]);
    }
  }
  await recordDays(system, runId, calendar);
  await nextDay(system.url, days);
  await untilStored(system.url);
  return calendar.reduce((sum, { sales }) => sum + Number(sales), 0);
}

async function recordDays(
  system: RunningSystem,
  runId: string,
  calendar: readonly { readonly date: string; readonly sales: number }[],
): Promise<void> {
  const store = ledgerOf(system);
  const [row] = await select<{ head: number }>(
    system.pool,
    'SELECT MAX(id) AS head FROM kafka_events WHERE run_id = ?',
    [runId],
  );
  const at = new Date().toISOString();
  const days = calendar.map(({ date, sales }, dayIndex) => ({ dayIndex, date, dayTotal: Number(sales) }));
  for (const some of inChunks(days, LEDGER_AT_ONCE)) {
    await Promise.all(
      some.map(async (day) => {
        const published = { pickedUpAt: at, publishedAt: at, requestedAt: at };
        await store.recordPublishedDay(runId, { ...day, ...published });
        await store.raiseDayReceived(runId, { ...day, received: day.dayTotal, at });
      }),
    );
  }
  await store.raisePublishedIndex(runId, calendar.length - 1);
  await store.raiseHead(runId, Number(row?.head));
}

function ledgerOf({ addresses, names }: RunningSystem): SimulationStore {
  const config = dynamodbConfigOf(addresses);
  return openSimulationStore({
    tableName: names.table,
    client: retryingClient(config),
    incrementClient: nonIdempotentClient(config),
  });
}

function inChunks<Element>(list: readonly Element[], size: number): Element[][] {
  const count = Math.ceil(list.length / size);
  return Array.from({ length: count }, (_, index) => list.slice(index * size, (index + 1) * size));
}
