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
