/** The raw limit of the pipeline: the same rows as multi-row inserts into an identical table, at full speed. */
import { format } from 'mysql2';
import type { SaleEvent } from '../../shared/api/sale.ts';
import type { Pool } from '../../shared/mysql/connection.ts';

/** As in every earlier measurement; the event source collects up to four times as many. */
const ROWS_PER_INSERT = 1_000;

const COLUMNS =
  'event_id, run_id, day_index, store_id, product_id, date, units_sold, price, discount, is_holiday_promo, weather, ' +
  'category, region, day_total';

/** @returns rows per second. Statements are built before the clock starts, so that only the server is measured. */
export async function rawInsertRate(pool: Pool, events: readonly SaleEvent[]): Promise<number> {
  await pool.query('DROP TABLE IF EXISTS raw_events');
  await pool.query('CREATE TABLE raw_events LIKE kafka_events');
  const statements = statementsOf(events);
  const begun = performance.now();
  for (const statement of statements) await pool.query(statement);
  const seconds = (performance.now() - begun) / 1_000;
  await pool.query('DROP TABLE raw_events');
  return events.length / seconds;
}

function statementsOf(events: readonly SaleEvent[]): string[] {
  const count = Math.ceil(events.length / ROWS_PER_INSERT);
  return Array.from({ length: count }, (_, index) => {
    const batch = events.slice(index * ROWS_PER_INSERT, (index + 1) * ROWS_PER_INSERT);
    return format(`INSERT INTO raw_events (${COLUMNS}) VALUES ?`, [batch.map(rowOf)]);
  });
}

function rowOf(event: SaleEvent): (string | number | null)[] {
  return [
    event.event_id,
    event.run_id,
    event.day_index,
    event.store_id,
    event.product_id,
    event.date,
    event.units_sold,
    event.price,
    event.discount,
    event.is_holiday_promo,
    event.weather,
    event.category,
    event.region,
    event.day_total,
  ];
}
