import {
  partitionKey,
  type SaleEvent,
  SCHEMA_VERSION,
  SCHEMA_VERSION_HEADER,
  TRACEPARENT_HEADER,
} from '../api/sale.ts';
import type { BatchProducer, OutgoingMessage } from '../kafka/producer.ts';
import { newTraceparent } from '../observability/trace.ts';
import type { DayToPublish } from '../simulation/publication.ts';
import { eventsOfDay } from './facts.ts';

/** Sends the sales of one day as one batch; a day without sales sends nothing. @throws PublishError */
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
