import { type CompletedDay, completionKey, completionName, dayKey, progressKey } from './items.ts';
import { type Table, updateIf } from './table.ts';

/**
 * The pipeline's record of its own progress. Values only rise; an update that would lower one has no effect. So neither a
 * redelivery nor a slow writer can falsify what clients see.
 */

/** A day whose sales Kafka has acknowledged. */
export interface PublishedDay {
  readonly dayIndex: number;
  readonly date: string;
  readonly dayTotal: number;
  /** When the publisher found that the day was due (ISO 8601, UTC). */
  readonly pickedUpAt: string;
  /** ISO 8601, UTC. */
  readonly publishedAt: string;
  /** When the day was accepted; null if that is not known. */
  readonly requestedAt: string | null;
}

/** Records when a day was published first and, if it was published again, when that happened last. A day without sales is complete. */
export async function recordPublishedDay(table: Table, runId: string, day: PublishedDay): Promise<void> {
  const complete = day.dayTotal === 0 ? ', completed_at = if_not_exists(completed_at, :at)' : '';
  const first = await updateIf(table, dayKey(runId, day.dayIndex), {
    UpdateExpression: `SET #date = :date, day_total = :total, requested_at = :requested, picked_up_at = :picked_up, published_at = :at${complete}`,
    ConditionExpression: 'attribute_not_exists(published_at)',
    ExpressionAttributeNames: { '#date': 'date' },
    ExpressionAttributeValues: {
      ':date': day.date,
      ':total': day.dayTotal,
      ':requested': day.requestedAt,
      ':picked_up': day.pickedUpAt,
      ':at': day.publishedAt,
    },
  });
  if (first) return;
  await updateIf(table, dayKey(runId, day.dayIndex), {
    UpdateExpression: 'SET published_again_at = :at',
    ExpressionAttributeValues: { ':at': day.publishedAt },
  });
}

/**
 * Records that Kafka has acknowledged all days of a run up to this one. Never lowers the record.
 *
 * @param dayIndex From 0.
 */
export async function raisePublishedIndex(table: Table, runId: string, dayIndex: number): Promise<void> {
  await raise(table, runId, 'published_index', dayIndex);
}

/** Records that all events of a run up to this id are visible in `kafka_events`. Never lowers the record. */
export async function raiseHead(table: Table, runId: string, headId: number): Promise<void> {
  await raise(table, runId, 'head_id', headId);
}

async function raise(table: Table, runId: string, counter: string, value: number): Promise<void> {
  await updateIf(table, progressKey(runId), {
    UpdateExpression: 'SET #counter = :value',
    ConditionExpression: 'attribute_exists(pk) AND #counter < :value',
    ExpressionAttributeNames: { '#counter': counter },
    ExpressionAttributeValues: { ':value': value },
  });
}

/** The number of a day's sales in `kafka_events`, counted there. */
export interface ReceivedDay {
  readonly dayIndex: number;
  readonly date: string;
  readonly received: number;
  /** The day's number of sales, as its events state it. */
  readonly dayTotal: number;
  /** ISO 8601, UTC; when the day was completed, if this count completes it. */
  readonly at: string;
}

/**
 * Raises the counts of stored sales of several days of a run. The completion of a day is recorded once, with the time at which it was
 * found first. Complete days share an update of one item or a few, because a batch of a backlog completes dozens of them.
 */
export async function raiseDaysReceived(
  table: Table,
  runId: string,
  days: readonly ReceivedDay[],
): Promise<void> {
  const isWhole = ({ received, dayTotal }: ReceivedDay) => received === dayTotal;
  const byItem = Map.groupBy(days.filter(isWhole), ({ dayIndex }) => completionKey(runId, dayIndex).sk);
  await Promise.all([
    ...days.filter((day) => !isWhole(day)).map((day) => raiseDayReceived(table, runId, day)),
    ...[...byItem.values()].map((some) => recordComplete(table, runId, some)),
  ]);
}

/** Raises the count of one day. A client that publishes events of its own can make it exceed the day's total. */
async function raiseDayReceived(table: Table, runId: string, day: ReceivedDay): Promise<void> {
  const complete = day.received > day.dayTotal ? ', completed_at = if_not_exists(completed_at, :at)' : '';
  await updateIf(table, dayKey(runId, day.dayIndex), {
    UpdateExpression:
      'SET day_received = :received, #date = if_not_exists(#date, :date), ' +
      `day_total = if_not_exists(day_total, :total)${complete}`,
    ConditionExpression: 'attribute_not_exists(day_received) OR day_received < :received',
    ExpressionAttributeNames: { '#date': 'date' },
    ExpressionAttributeValues: {
      ':received': day.received,
      ':date': day.date,
      ':total': day.dayTotal,
      ...(complete ? { ':at': day.at } : {}),
    },
  });
}

/** @param days Of one item. */
async function recordComplete(table: Table, runId: string, days: readonly ReceivedDay[]): Promise<void> {
  const [first] = days;
  if (!first) return;
  const names = days.map(({ dayIndex }) => completionName(dayIndex));
  const values = days.map(({ date, dayTotal, at }): CompletedDay => ({ date, total: dayTotal, at }));
  await updateIf(table, completionKey(runId, first.dayIndex), {
    UpdateExpression: `SET ${names.map((name) => `${name} = if_not_exists(${name}, :${name})`).join(', ')}`,
    ExpressionAttributeValues: Object.fromEntries(names.map((name, index) => [`:${name}`, values[index]])),
  });
}
