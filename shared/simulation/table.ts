import { setTimeout } from 'node:timers/promises';
import { ConditionalCheckFailedException, TransactionConflictException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { MAX_CALENDAR_DAYS } from '../api/simulation.ts';
import { dayKey, type ItemKey, runKey } from './items.ts';
import type { ReadCache } from './read-cache.ts';

/** The simulation table and the clients that access it. */
export interface Table {
  readonly name: string;
  readonly client: DynamoDBDocumentClient;
  /** Retries only what certainly changed nothing; for increments. */
  readonly incrementClient: DynamoDBDocumentClient;
  readonly reads: ReadCache;
}

export type Item = Readonly<Record<string, unknown>>;

/** Strongly consistent read of one item. */
export async function getItem(table: Table, key: ItemKey): Promise<Item | undefined> {
  const [item] = await table.reads.read(JSON.stringify(key), async () => {
    const { Item } = await table.client.send(
      new GetCommand({ TableName: table.name, Key: { ...key }, ConsistentRead: true }),
    );
    return [Item];
  });
  return item;
}

/** Strongly consistent read of up to 100 items in one round trip, returned in the order of the keys. */
export function getItems(table: Table, keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]> {
  return table.reads.read(JSON.stringify(keys), () => batchGet(table, keys));
}

async function batchGet(table: Table, keys: readonly ItemKey[]): Promise<readonly (Item | undefined)[]> {
  const { Responses, UnprocessedKeys } = await table.client.send(
    new BatchGetCommand({
      RequestItems: { [table.name]: { Keys: keys.map((key) => ({ ...key })), ConsistentRead: true } },
    }),
  );
  const items = Responses?.[table.name] ?? [];
  if (UnprocessedKeys?.[table.name]?.Keys?.length) return Promise.all(keys.map((key) => getItem(table, key)));
  return keys.map(({ pk, sk }) => items.find((item) => item.pk === pk && item.sk === sk));
}

/**
 * The day items of a run, ascending. The same array means the same read ({@link ReadCache}): nothing has been written since.
 *
 * @param from First day index to return.
 * @param to Last day index to return.
 */
export async function queryDays(
  table: Table,
  runId: string,
  from: number,
  to = MAX_CALENDAR_DAYS - 1,
): Promise<readonly Item[]> {
  return query(table, 'pk = :run AND sk BETWEEN :first AND :last', {
    ':run': runKey(runId),
    ':first': dayKey(runId, from).sk,
    ':last': dayKey(runId, Math.min(to, MAX_CALENDAR_DAYS - 1)).sk,
  });
}

/** All items of a run. */
export async function queryRun(table: Table, runId: string): Promise<readonly Item[]> {
  return query(table, 'pk = :run', { ':run': runKey(runId) });
}

async function query(table: Table, condition: string, values: Item): Promise<readonly Item[]> {
  const found = await table.reads.read(JSON.stringify(values), () => queryPages(table, condition, values));
  return isComplete(found) ? found : found.filter((item) => item !== undefined);
}

function isComplete(found: readonly (Item | undefined)[]): found is readonly Item[] {
  return !found.includes(undefined);
}

async function queryPages(table: Table, condition: string, values: Item): Promise<Item[]> {
  const pages = paginateQuery(
    { client: table.client },
    {
      TableName: table.name,
      KeyConditionExpression: condition,
      ExpressionAttributeValues: { ...values },
      ConsistentRead: true,
    },
  );
  const items: Item[] = [];
  for await (const page of pages) items.push(...(page.Items ?? []));
  return items;
}

/** An update's parts, without the table and the key. */
export type Update = Omit<UpdateCommandInput, 'TableName' | 'Key'>;

/** Changes one item if the update's condition is met. @returns whether it was. */
export async function updateIf(table: Table, key: ItemKey, update: Update): Promise<boolean> {
  return (await updateOrFind(table, key, update)).changed;
}

/**
 * Like {@link updateIf}, but also returns the existing item if the condition isn't met.
 *
 * @throws TransactionConflictException if transactions on the item interfere with every attempt.
 */
export async function updateOrFind(
  table: Table,
  key: ItemKey,
  update: Update,
): Promise<{ changed: boolean; found?: Item | undefined }> {
  const command = new UpdateCommand({
    TableName: table.name,
    Key: { ...key },
    ReturnValuesOnConditionCheckFailure: 'ALL_OLD',
    ...update,
  });
  for (let attempt = 1; ; attempt += 1) {
    try {
      await table.client.send(command);
      return { changed: true };
    } catch (error) {
      if (error instanceof ConditionalCheckFailedException) {
        return { changed: false, found: error.Item && unmarshall(error.Item) };
      }
      if (!(error instanceof TransactionConflictException) || attempt === CONFLICT_ATTEMPTS) throw error;
      await setTimeout(CONFLICT_PAUSE_MS * attempt * (0.5 + Math.random()));
    }
  }
}

/**
 * DynamoDB refuses an update of an item that a transaction is changing, and AWS's SDK doesn't repeat it. The ledger's transactions
 * take some milliseconds. Nothing was changed, so any update may be repeated.
 */
const CONFLICT_ATTEMPTS = 6;
const CONFLICT_PAUSE_MS = 20;
