import {
  type DynamoDBStreamsClient,
  ExpiredIteratorException,
  GetRecordsCommand,
  GetShardIteratorCommand,
  ResourceNotFoundException,
  type _Record as StreamRecord,
  TrimmedDataAccessException,
} from '@aws-sdk/client-dynamodb-streams';

export interface ShardPage {
  readonly records: readonly StreamRecord[];
  /** Whether the shard is closed and read whole. */
  readonly ended: boolean;
}

/** Reads the records of one shard in order. */
export interface ShardReader {
  /**
   * The records that follow those read before, at most `limit`; none if there are none yet.
   *
   * @throws if the server can't be asked; then the next call tries the same place again.
   */
  read(limit: number): Promise<ShardPage>;
}

/**
 * @param after Sequence number of the record to begin behind; the oldest record that is kept, if undefined.
 * @param onTrimmed Told when records that were not read are gone: they were older than the stream keeps them.
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
      // Whatever went wrong, a new iterator finds the place again.
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

/** The place is older than the stream keeps records, or the server doesn't know it. */
function isPositionGone(error: unknown): boolean {
  if (error instanceof TrimmedDataAccessException) return true;
  return error instanceof Error && error.name === 'ValidationException';
}
