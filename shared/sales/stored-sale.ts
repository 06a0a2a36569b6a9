import type { SaleEvent } from './sale-event.ts';

/**
 * One row of `kafka_events` as clients see it: the data of an unnamed message of the stream. `id` grows in the order in
 * which rows become visible, so it says how far a reader has come.
 */
export type StoredSale = Omit<SaleEvent, 'event_id' | 'run_id'> & {
  readonly id: number;
  /** When the row was stored, ISO 8601 in UTC with milliseconds. */
  readonly received_at: string;
};

/** Columns to select for {@link toStoredSale}. */
export const STORED_SALE_COLUMNS =
  'id, store_id, product_id, date, units_sold, price, discount, is_holiday_promo, weather, received_at, day_total, ' +
  'day_index, category, region';

/** Makes a client's row of a selected one; only the time has another form in SQL. */
export function toStoredSale(row: StoredSale): StoredSale {
  return { ...row, received_at: isoTime(row.received_at) };
}

/** `2026-01-01 00:03:20.123` (UTC, as every session reads times) → `2026-01-01T00:03:20.123Z`. */
export function isoTime(sqlTime: string): string {
  return `${sqlTime.replace(' ', 'T')}Z`;
}
