import {
  DescribeStreamCommand,
  type DynamoDBStreamsClient,
  type Shard,
} from '@aws-sdk/client-dynamodb-streams';
import * as z from 'zod';

/** How far each shard of a stream has been processed. */
export const streamPositionsSchema = z.object({
  streamArn: z.string(),
  shards: z.record(
    z.string(),
    z.object({
      /** Sequence number of the last record that was processed. */
      after: z.string().optional(),
      /** Whether the shard is closed and processed whole. */
      finished: z.boolean(),
    }),
  ),
});
export type StreamPositions = z.infer<typeof streamPositionsSchema>;

/** All shards that the stream still has. */
export async function listShards(client: DynamoDBStreamsClient, streamArn: string): Promise<Shard[]> {
  const shards: Shard[] = [];
  let from: string | undefined;
  do {
    const command = new DescribeStreamCommand({ StreamArn: streamArn, ExclusiveStartShardId: from });
    const { StreamDescription: description } = await client.send(command);
    shards.push(...(description?.Shards ?? []));
    from = description?.LastEvaluatedShardId;
  } while (from !== undefined);
  return shards;
}

/**
 * The shards that may be processed now: those not finished whose parent is, or is no longer kept. A parent's records come
 * before its children's.
 */
export function readyShards(shards: readonly Shard[], positions: StreamPositions): string[] {
  const kept = new Set(shards.map(({ ShardId }) => ShardId));
  const isFinished = (id: string) => positions.shards[id]?.finished === true;
  return shards.flatMap(({ ShardId: id, ParentShardId: parent }) => {
    if (id === undefined || isFinished(id)) return [];
    return parent === undefined || !kept.has(parent) || isFinished(parent) ? [id] : [];
  });
}

/** Positions without shards that the stream has no more, so that the file doesn't grow for ever. */
export function withoutGoneShards(positions: StreamPositions, shards: readonly Shard[]): StreamPositions {
  const kept = new Set(shards.map(({ ShardId }) => ShardId));
  const entries = Object.entries(positions.shards).filter(([id]) => kept.has(id));
  return { ...positions, shards: Object.fromEntries(entries) };
}
