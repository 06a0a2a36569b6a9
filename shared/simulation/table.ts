import { ConditionalCheckFailedException } from '@aws-sdk/client-dynamodb';
import {
  BatchGetCommand,
  type DynamoDBDocumentClient,
  GetCommand,
  paginateQuery,
  UpdateCommand,
  type UpdateCommandInput,
} from '@aws-sdk/lib-dynamodb';
import { unmarshall } from '@aws-sdk/util-dynamodb';
import { type ItemKey, runKey } from './items.ts';
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

/** The key range of some items of a run. */
export interface KeyRange {
  readonly first: ItemKey;
  readonly last: ItemKey;
}

/**
 * The items of some ranges, in their order and ascending in each. The same array means the same read ({@link ReadCache}): nothing has
 * been written since.
 */
export async function queryRanges(table: Table, ranges: readonly KeyRange[]): Promise<readonly Item[]> {
  const found = await table.reads.read(JSON.stringify(ranges), async () => {
    const pages = ranges.map(({ first, last }) =>
      queryPages(table, 'pk = :run AND sk BETWEEN :first AND :last', {
        ':run': first.pk,
        ':first': first.sk,
        ':last': last.sk,
      }),
    );
    return (await Promise.all(pages)).flat();
  });
  return isComplete(found) ? found : found.filter((item) => item !== undefined);
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

/** Like {@link updateIf}, but also returns the existing item if the condition isn't met. */
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
  try {
    await table.client.send(command);
    return { changed: true };
  } catch (error) {
    if (!(error instanceof ConditionalCheckFailedException)) throw error;
    return { changed: false, found: error.Item && unmarshall(error.Item) };
  }
}
