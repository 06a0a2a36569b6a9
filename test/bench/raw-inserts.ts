/** The raw limit of the pipeline: the same rows as multi-row inserts into a table of the same form. */
import { format } from 'mysql2';
import type { SaleEvent } from '../../shared/api/sales.ts';
import type { Pool } from '../../shared/mysql/connection.ts';

/** As in every earlier measurement; the event source collects up to four times as many. */
const ROWS_PER_INSERT = 1_000;

const COLUMNS =
  'event_id, run_id, day_index, store_id, product_id, date, units_sold, price, discount, is_holiday_promo, weather, ' +
  'category, region, day_total';

export interface RawRates {
  /** As any client works: each statement is written when it is due. */
  readonly written: number;
  /** All statements are written before the clock starts, so that only the server is measured. */
  readonly prepared: number;
}

/** @returns rows per second. */
export async function rawInsertRates(pool: Pool, events: readonly SaleEvent[]): Promise<RawRates> {
  return {
    written: await rateOf(pool, events.length, statementsOf(events)),
    prepared: await rateOf(pool, events.length, [...statementsOf(events)]),
  };
}

async function rateOf(pool: Pool, rows: number, statements: Iterable<string>): Promise<number> {
  await pool.query('DROP TABLE IF EXISTS raw_events');
  await pool.query('CREATE TABLE raw_events LIKE kafka_events');
  const begun = performance.now();
  for (const statement of statements) await pool.query(statement);
  const seconds = (performance.now() - begun) / 1_000;
  await pool.query('DROP TABLE raw_events');
  return rows / seconds;
}

function* statementsOf(events: readonly SaleEvent[]): Generator<string> {
  for (let first = 0; first < events.length; first += ROWS_PER_INSERT) {
    const batch = events.slice(first, first + ROWS_PER_INSERT);
    yield format(`INSERT INTO raw_events (${COLUMNS}) VALUES ?`, [batch.map(rowOf)]);
  }
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
