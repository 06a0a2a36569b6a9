import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname } from 'node:path';
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
      /** Whether the shard is closed and completely processed. */
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

/** Drops the positions of shards that the stream no longer has, so that the file doesn't grow forever. */
export function withoutExpiredShards(positions: StreamPositions, shards: readonly Shard[]): StreamPositions {
  const kept = new Set(shards.map(({ ShardId }) => ShardId));
  const entries = Object.entries(positions.shards).filter(([id]) => kept.has(id));
  return { ...positions, shards: Object.fromEntries(entries) };
}

/** A small JSON file with the positions of a source. Losing it means redelivered records, never lost ones. */
export interface Checkpoint<State> {
  /** Returns the last saved state; null if there is none or it can't be read. */
  load(): Promise<State | null>;
  /** Replaces the file atomically. If saves are faster than the disk, only the newest is written. */
  save(state: State): void;
  /** Resolves when the last save is on disk. */
  flush(): Promise<void>;
}

/** @param onFailure Called when a save failed; the source may continue. */
export function openCheckpoint<State>(
  path: string,
  schema: z.ZodType<State>,
  onFailure: (error: unknown) => void,
): Checkpoint<State> {
  let next: State | undefined;
  let writing: Promise<void> | undefined;

  async function write(): Promise<void> {
    while (next !== undefined) {
      const state = next;
      next = undefined;
      await replaceFile(path, JSON.stringify(state)).catch(onFailure);
    }
    writing = undefined;
  }

  return {
    async load() {
      const text = await readFile(path, 'utf8').catch(() => '');
      const parsed = schema.safeParse(parseJson(text));
      return parsed.success ? parsed.data : null;
    },
    save(state) {
      next = state;
      writing ??= write();
    },
    flush: async () => writing,
  };
}

/** A reader sees the old file or the new one, never a part of it. */
async function replaceFile(path: string, content: string): Promise<void> {
  const draft = `${path}.new`;
  await mkdir(dirname(path), { recursive: true });
  await writeFile(draft, content);
  await rename(draft, path);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
