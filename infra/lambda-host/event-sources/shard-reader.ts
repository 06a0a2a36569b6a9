import {
  type AttributeValue,
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ResourceNotFoundException,
  type _Record as StreamRecord,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';
import type { DynamoDBRecord, DynamoDBStreamEvent, AttributeValue as EventAttributeValue } from 'aws-lambda';

export interface ShardPage {
  readonly records: readonly StreamRecord[];
  /** Whether the shard is closed and completely read. */
  readonly ended: boolean;
}

/** Reads the records of one shard in order. */
export interface ShardReader {
  /**
   * Returns the records after those read before, at most `limit`; none if there are none yet.
   *
   * @throws if the server can't be reached; the next call retries the same position.
   */
  read(limit: number): Promise<ShardPage>;
}

/**
 * Opens a reader of one shard. Nothing is requested before the first `read`.
 *
 * @param after Sequence number of the record to start after; undefined starts at the oldest record.
 * @param onTrimmed Called when unread records have expired: they were older than the stream's retention.
 */
export function openShardReader(
  client: DynamoDBStreamsClient,
  streamArn: string,
  shardId: string,
  after: string | undefined,
  onTrimmed: () => void,
): ShardReader {
  let position = after;
  let iterator: string | undefined;

  async function read(limit: number): Promise<ShardPage> {
    try {
      iterator ??= await findIterator();
      return await readOn(iterator, limit);
    } catch (error) {
      // Whatever went wrong, a new iterator finds the position again.
      iterator = undefined;
      if (error instanceof ExpiredIteratorException) return { records: [], ended: false };
      if (error instanceof ResourceNotFoundException) return { records: [], ended: true };
      if (!isPositionGone(error) || position === undefined) throw error;
      onTrimmed();
      position = undefined;
      return { records: [], ended: false };
    }
  }

  async function findIterator(): Promise<string | undefined> {
    const start =
      position === undefined
        ? ({ ShardIteratorType: 'TRIM_HORIZON' } as const)
        : ({ ShardIteratorType: 'AFTER_SEQUENCE_NUMBER', SequenceNumber: position } as const);
    const command = new GetShardIteratorCommand({ StreamArn: streamArn, ShardId: shardId, ...start });
    return (await client.send(command)).ShardIterator;
  }

  async function readOn(from: string | undefined, limit: number): Promise<ShardPage> {
    if (from === undefined) return { records: [], ended: true };
    const command = new GetRecordsCommand({ ShardIterator: from, Limit: limit });
    const { Records: records = [], NextShardIterator: next } = await client.send(command);
    iterator = next;
    position = records.at(-1)?.dynamodb?.SequenceNumber ?? position;
    return { records, ended: next === undefined };
  }

  return { read };
}

/** The position is older than the stream's retention, or the server doesn't know it. */
function isPositionGone(error: unknown): boolean {
  if (error instanceof TrimmedDataAccessException) return true;
  return error instanceof Error && error.name === 'ValidationException';
}

/** Stream records as Lambda delivers them. https://docs.aws.amazon.com/lambda/latest/dg/with-ddb.html */

type Image = Record<string, EventAttributeValue>;

/** The event of a batch. */
export function streamEvent(records: readonly DynamoDBRecord[]): DynamoDBStreamEvent {
  return { Records: [...records] };
}

/** Converts a record to one of an event: binary values in base64, the time in seconds, and its source. */
export function eventRecord(record: StreamRecord, region: string, streamArn: string): DynamoDBRecord {
  const { eventID, eventName, eventVersion = '1.1', dynamodb, userIdentity } = record;
  const { ApproximateCreationDateTime: createdAt, Keys, NewImage, OldImage, ...rest } = dynamodb ?? {};
  return {
    eventID,
    eventName,
    eventVersion,
    eventSource: 'aws:dynamodb',
    awsRegion: region,
    dynamodb: {
      ...(createdAt && { ApproximateCreationDateTime: Math.floor(createdAt.getTime() / 1000) }),
      ...(Keys && { Keys: eventImage(Keys) }),
      ...(NewImage && { NewImage: eventImage(NewImage) }),
      ...(OldImage && { OldImage: eventImage(OldImage) }),
      ...rest,
    },
    // Only items that expired by their time to live have one.
    ...(userIdentity && {
      userIdentity: { type: userIdentity.Type, principalId: userIdentity.PrincipalId },
    }),
    eventSourceARN: streamArn,
  };
}

function eventImage(image: Readonly<Record<string, AttributeValue>>): Image {
  return Object.fromEntries(Object.entries(image).map(([name, value]) => [name, eventValue(value)]));
}

function eventValue(value: AttributeValue): EventAttributeValue {
  if (value.S !== undefined) return { S: value.S };
  if (value.N !== undefined) return { N: value.N };
  if (value.B !== undefined) return { B: base64(value.B) };
  if (value.SS !== undefined) return { SS: value.SS };
  if (value.NS !== undefined) return { NS: value.NS };
  if (value.BS !== undefined) return { BS: value.BS.map(base64) };
  if (value.M !== undefined) return { M: eventImage(value.M) };
  if (value.L !== undefined) return { L: value.L.map(eventValue) };
  if (value.BOOL !== undefined) return { BOOL: value.BOOL };
  return { NULL: true };
}

function base64(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('base64');
}
