import { v5 as uuidV5 } from 'uuid';
import {
  partitionKey,
  type SaleEvent,
  SCHEMA_VERSION,
  SCHEMA_VERSION_HEADER,
  TRACEPARENT_HEADER,
} from '../api/sales.ts';
import type { BatchProducer, OutgoingMessage } from '../kafka/producer.ts';
import { type Pool, select } from '../mysql/connection.ts';
import { newTraceparent } from '../observability/logger.ts';

/** Namespace of the event ids, a random UUIDv4. Changing it would store every sale a second time. */
const SALES_NAMESPACE = '6f0d1f0e-5b1c-4c8e-9a53-0c2f7f1f6a9b';

/** What identifies a sale, however often it is sent. */
interface SaleIdentity {
  readonly run_id: string;
  readonly date: string;
  readonly store_id: string;
  readonly product_id: string;
}

/**
 * The id of a sale's event: a UUIDv5 (RFC 9562, section 5.5) of run, date, store and product, so that the same sale
 * published twice is the same event. A character that no part may contain separates the parts.
 */
export function saleEventId(sale: SaleIdentity): string {
  return uuidV5([sale.run_id, sale.date, sale.store_id, sale.product_id].join('\u001f'), SALES_NAMESPACE);
}

/** A sale of the data set, with the calendar's promotion flag and weather, as existing clients expect them. */
export type SaleFact = Omit<SaleEvent, 'event_id' | 'run_id' | 'day_index' | 'day_total'>;

const SALES_OF_DATES = `
  SELECT f.date, f.store_id, f.product_id, f.units_sold, f.price, f.discount, f.category, f.region,
         c.is_holiday_promo, c.weather_condition AS weather
  FROM sales_facts f JOIN calendar c ON c.date = f.date
  WHERE f.date IN (?)
  ORDER BY f.date, f.store_id, f.product_id`;

/** Reads the sales of some dates, ordered by date, store and product: one range of the clustered index per date. */
export async function salesOfDates(pool: Pool, dates: readonly string[]): Promise<SaleFact[]> {
  return dates.length === 0 ? [] : select<SaleFact>(pool, SALES_OF_DATES, [dates]);
}

/**
 * The events of one day of a run.
 *
 * @param dayIndex From 0.
 * @param facts All sales of that day: their number becomes each event's `day_total`.
 */
export function eventsOfDay(runId: string, dayIndex: number, facts: readonly SaleFact[]): SaleEvent[] {
  return facts.map((fact) => ({
    event_id: saleEventId({ run_id: runId, ...fact }),
    run_id: runId,
    day_index: dayIndex,
    ...fact,
    day_total: facts.length,
  }));
}

export interface DayToPublish {
  readonly runId: string;
  readonly dayIndex: number;
  readonly facts: readonly SaleFact[];
  readonly traceparent: string | null;
}

/** Sends the sales of one day as one batch, or nothing if it has none. @throws PublishError if Kafka doesn't acknowledge it. */
export async function publishDay(producer: BatchProducer, topic: string, day: DayToPublish): Promise<void> {
  const events = eventsOfDay(day.runId, day.dayIndex, day.facts);
  if (events.length === 0) return;
  const traceparent = day.traceparent ?? newTraceparent();
  await producer.send(
    topic,
    events.map((event) => toMessage(event, traceparent)),
  );
}

function toMessage(event: SaleEvent, traceparent: string): OutgoingMessage {
  return {
    key: partitionKey(event),
    value: JSON.stringify(event),
    headers: { [TRACEPARENT_HEADER]: traceparent, [SCHEMA_VERSION_HEADER]: SCHEMA_VERSION },
  };
}
