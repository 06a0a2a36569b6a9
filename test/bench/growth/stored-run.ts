import { dynamodbConfigOf } from '../../../infra/local/clients.ts';
import { select } from '../../../shared/mysql/connection.ts';
import { nonIdempotentClient, retryingClient } from '../../../shared/simulation/dynamodb.ts';
import { openSimulationStore, type SimulationStore } from '../../../shared/simulation/store.ts';
import type { RunningSystem } from '../../support/system.ts';
import { nextDay, readStatus, untilStored } from '../simulation-client.ts';

/** Days inserted by one statement. */
const DAYS_AT_ONCE = 10;
/** Days recorded in the ledger at a time. */
const LEDGER_AT_ONCE = 50;

/**
 * A UUIDv5 in SQL, as `saleEventId` makes it: the run's proof compares these ids with those that the data set demands.
 * MariaDB alone has `SHA1`. Values: the namespace as hex digits, the run.
 */
const HASH = 'SHA1(CONCAT(UNHEX(?), CONCAT_WS(CHAR(31), ?, f.date, f.store_id, f.product_id)))';
const NAMESPACE = '6f0d1f0e5b1c4c8e9a530c2f7f1f6a9b';

const STORE_DAYS = `
  INSERT INTO kafka_events (event_id, run_id, day_index, store_id, product_id, date, units_sold, price, discount, is_holiday_promo,
         weather, category, region, day_total)
  SELECT CONCAT(LEFT(h, 8), '-', SUBSTR(h, 9, 4), '-5', SUBSTR(h, 14, 3), '-',
                LOWER(HEX(CONV(SUBSTR(h, 17, 2), 16, 10) & 63 | 128)), SUBSTR(h, 19, 2), '-', SUBSTR(h, 21, 12)),
         ?, day_index, store_id, product_id, date, units_sold, price, discount, is_holiday_promo, weather, category, region, day_total
    FROM (SELECT ${HASH} AS h, f.date, f.store_id, f.product_id, f.units_sold, f.price, f.discount, f.category, f.region,
                 c.is_holiday_promo, c.weather_condition AS weather, d.day_index, d.day_total
            FROM sales_facts f
            JOIN calendar c ON c.date = f.date
            JOIN (SELECT date, ROW_NUMBER() OVER (ORDER BY date) - 1 AS day_index,
                         (SELECT COUNT(*) FROM sales_facts own WHERE own.date = k.date) AS day_total
                    FROM calendar k) d ON d.date = f.date
           WHERE f.date IN (?)
           ORDER BY f.date, f.store_id, f.product_id) sales`;

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
  for (const some of inChunks(calendar, DAYS_AT_ONCE)) {
    const dates = some.map(({ date }) => date);
    await system.pool.query({ sql: STORE_DAYS, values: [runId, NAMESPACE, runId, dates] });
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
