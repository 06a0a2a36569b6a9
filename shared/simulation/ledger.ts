import { TransactionCanceledException } from '@aws-sdk/client-dynamodb';
import { TransactWriteCommand } from '@aws-sdk/lib-dynamodb';
import { dayKey, progressKey } from './items.ts';
import { type Table, type Update, updateIf } from './table.ts';

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

/** Raises the count of a day's stored sales, and records its completion once all are stored. */
export async function raiseDayReceived(table: Table, runId: string, day: ReceivedDay): Promise<void> {
  await updateIf(table, dayKey(runId, day.dayIndex), receivedUpdate(day));
}

/** DynamoDB allows 100, but DynamoDB Local takes some milliseconds for each, and a request must end within 3 s on a busy machine too. */
const DAYS_PER_TRANSACTION = 25;

/**
 * Raises the counts of several days of a run. Those that are now complete share a request, because a batch of a backlog
 * completes dozens of days. Incomplete ones are recorded one by one, because on AWS several consumers may count the same day at once,
 * and transactions that meet at an item cancel each other.
 */
export async function raiseDaysReceived(
  table: Table,
  runId: string,
  days: readonly ReceivedDay[],
): Promise<void> {
  const complete = days.filter(isComplete);
  const transactions = Array.from({ length: Math.ceil(complete.length / DAYS_PER_TRANSACTION) }, (_, index) =>
    complete.slice(index * DAYS_PER_TRANSACTION, (index + 1) * DAYS_PER_TRANSACTION),
  );
  await Promise.all([
    ...days.filter((day) => !isComplete(day)).map((day) => raiseDayReceived(table, runId, day)),
    ...transactions.map((some) => raiseTogether(table, runId, some)),
  ]);
}

/** A day that is already recorded cancels the transaction; then each day is recorded on its own. */
async function raiseTogether(table: Table, runId: string, days: readonly ReceivedDay[]): Promise<void> {
  if (days.length > 1 && (await transact(table, runId, days))) return;
  await Promise.all(days.map((day) => raiseDayReceived(table, runId, day)));
}

/** @returns whether all were changed; otherwise none was. */
async function transact(table: Table, runId: string, days: readonly ReceivedDay[]): Promise<boolean> {
  const items = days.map((day) => ({
    Update: { TableName: table.name, Key: { ...dayKey(runId, day.dayIndex) }, ...receivedUpdate(day) },
  }));
  try {
    await table.client.send(new TransactWriteCommand({ TransactItems: items }));
    return true;
  } catch (error) {
    if (error instanceof TransactionCanceledException) return false;
    throw error;
  }
}

function isComplete({ received, dayTotal }: ReceivedDay): boolean {
  return received >= dayTotal;
}

function receivedUpdate(day: ReceivedDay) {
  const complete = isComplete(day) ? ', completed_at = if_not_exists(completed_at, :at)' : '';
  return {
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
  } satisfies Update;
}
