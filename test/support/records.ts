import type { SaleEvent } from '../../shared/api/sales.ts';
import { partitionKey } from '../../shared/api/sales.ts';

/** The stream event of an advance from one day to another. */
export function streamEventOf(runId: string, from: number, to: number): unknown {
  const image = (dayIndex: number) => ({ run_id: { S: runId }, day_index: { N: String(dayIndex) } });
  return { Records: [{ eventName: 'MODIFY', dynamodb: { OldImage: image(from), NewImage: image(to) } }] };
}

/** The Kafka event source's event for sales of one partition. */
export function kafkaEventOf(topic: string, partition: number, events: readonly SaleEvent[]): unknown {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  const records = events.map((event, offset) => ({
    topic,
    partition,
    offset,
    key: base64(partitionKey(event)),
    value: base64(JSON.stringify(event)),
    headers: [],
  }));
  return { eventSource: 'aws:kafka', records: { [`${topic}-${partition}`]: records } };
}
