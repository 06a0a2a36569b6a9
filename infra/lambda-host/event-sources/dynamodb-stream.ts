/**
 * Invokes a function with the records of a table's stream, as Lambda's event source mapping does: shards in parallel, a parent
 * before its children, batches in order, each retried until it succeeds, and records that match no filter dropped.
 * https://docs.aws.amazon.com/lambda/latest/dg/services-dynamodb-eventsourcemapping.html
 */
import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient, _Record as StreamRecord } from '@aws-sdk/client-dynamodb-streams';
import { backOff } from '../back-off.ts';
import type { HostLog } from '../log.ts';
import { describeError } from '../runtime/invocation-result.ts';
import type { StreamSource } from '../system.ts';
import type { EventSource, Invoke } from './event-source.ts';
import { createSourceHealth } from './event-source.ts';
import { compileFilter } from './filter-pattern.ts';
import { createPollSchedule, type PollSchedule } from './poll-schedule.ts';
import { eventRecord, openShardReader, type ShardPage, streamEvent } from './shard-reader.ts';
import {
  listShards,
  openCheckpoint,
  readyShards,
  type StreamPositions,
  streamPositionsSchema,
  withoutExpiredShards,
} from './stream-positions.ts';

export interface StreamSourceOptions extends Omit<StreamSource, 'function'> {
  readonly region: string;
  readonly dynamodb: DynamoDBClient;
  readonly dynamodbStreams: DynamoDBStreamsClient;
  /** File that keeps the positions. */
  readonly checkpointPath: string;
  readonly invoke: Invoke;
  readonly log: HostLog;
  readonly pollMs?: Parameters<typeof createPollSchedule>[0];
}

export interface RunningStreamSource extends EventSource {
  /** The table was probably just written to: polls at once. */
  wake(): void;
}

/**
 * Lambda polls four times a second. Writes of this host's functions are polled for at once (`wake`), so once a second is enough
 * while nothing happens: each poll costs about 2 ms of CPU.
 */
const POLL_MS = { busy: 250, quiet: 1_000 };

/**
 * Starts reading at the saved position, or at the oldest record if there is none. Every failure is logged and retried until `stop`.
 *
 * @throws FilterPatternError for a filter that the host doesn't understand.
 */
export function startStreamSource(options: StreamSourceOptions): RunningStreamSource {
  const { table, batchSize, filters, region, dynamodbStreams, log, invoke, pollMs = POLL_MS } = options;
  const health = createSourceHealth(`The stream of table ${table}`, log);
  const checkpoint = openCheckpoint(options.checkpointPath, streamPositionsSchema, (error) =>
    health.failed("can't save its position", error),
  );
  const isWanted = compileFilter(filters);
  const stopping = new AbortController();
  const { signal } = stopping;
  const schedules = new Set<PollSchedule>();
  let positions: StreamPositions = { streamArn: '', shards: {} };
  const running = run();

  async function run(): Promise<void> {
    const streamArn = await untilDone("can't be found", () => findStreamArn(options));
    if (streamArn === undefined) return;
    const kept = await checkpoint.load();
    // A table that was recreated has another stream.
    positions = kept?.streamArn === streamArn ? kept : { streamArn, shards: {} };
    const active = new Map<string, Promise<void>>();
    while (!signal.aborted) {
      await startReadyShards(active);
      // A shard that ends makes its children ready.
      await Promise.race(active.size > 0 ? active.values() : [backOff(2, signal)]);
    }
    await Promise.all(active.values());
    await checkpoint.flush();
  }

  async function startReadyShards(active: Map<string, Promise<void>>): Promise<void> {
    const shards = await untilDone("can't be described", () =>
      listShards(dynamodbStreams, positions.streamArn),
    );
    if (shards === undefined) return;
    positions = withoutExpiredShards(positions, shards);
    for (const id of readyShards(shards, positions)) {
      if (!active.has(id))
        active.set(
          id,
          processShard(id).finally(() => active.delete(id)),
        );
    }
  }

  async function processShard(id: string): Promise<void> {
    const after = positions.shards[id]?.after;
    const reader = openShardReader(dynamodbStreams, positions.streamArn, id, after, () =>
      log.write(
        'WARN',
        `Records of table ${table} expired before they were read; reading continues with the oldest that is left.`,
      ),
    );
    const schedule = createPollSchedule(pollMs);
    schedules.add(schedule);
    while (!signal.aborted) {
      const page = await untilDone("can't be read", () => reader.read(batchSize));
      if (page === undefined || !(await deliver(page.records))) break;
      advance(id, page);
      if (page.ended) break;
      if (page.records.length > 0) schedule.found();
      // Only a full page is likely to be followed by another. Without the pause every write would cost two polls.
      if (page.records.length < batchSize) await schedule.untilNextPoll();
    }
    schedules.delete(schedule);
  }

  /** Resolves with whether the function succeeded; false only when the source is being stopped. */
  async function deliver(records: readonly StreamRecord[]): Promise<boolean> {
    const batch = records.map((record) => eventRecord(record, region, positions.streamArn)).filter(isWanted);
    if (batch.length === 0) return true;
    const event = JSON.stringify(streamEvent(batch));
    const taken = await untilDone('is blocked because its function fails', async () => {
      const { error } = await invoke(event);
      if (error) throw new Error(describeError(error));
      return true;
    });
    return taken ?? false;
  }

  function advance(id: string, { records, ended }: ShardPage): void {
    if (records.length === 0 && !ended) return;
    const after = records.at(-1)?.dynamodb?.SequenceNumber ?? positions.shards[id]?.after;
    const position = { ...(after === undefined ? {} : { after }), finished: ended };
    positions = { ...positions, shards: { ...positions.shards, [id]: position } };
    checkpoint.save(positions);
  }

  /** Retries until it succeeds; returns undefined only when the source is being stopped. */
  async function untilDone<Result>(
    problem: string,
    work: () => Promise<Result>,
  ): Promise<Result | undefined> {
    for (let failures = 1; !signal.aborted; failures += 1) {
      try {
        const result = await work();
        health.succeeded();
        return result;
      } catch (error) {
        if (!signal.aborted) health.failed(problem, error);
        await backOff(failures, signal);
      }
    }
    return undefined;
  }

  return {
    wake: () => {
      for (const schedule of schedules) schedule.wake();
    },
    async stop() {
      stopping.abort();
      for (const schedule of schedules) schedule.stop();
      await running;
    },
  };
}

async function findStreamArn({ dynamodb, table }: StreamSourceOptions): Promise<string> {
  const { Table: description } = await dynamodb.send(new DescribeTableCommand({ TableName: table }));
  if (description?.LatestStreamArn === undefined) throw new Error(`The table ${table} has no stream.`);
  return description.LatestStreamArn;
}
