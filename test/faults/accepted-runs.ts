import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import * as z from 'zod';
import { openShardReader, type ShardReader } from '../../infra/lambda-host/event-sources/shard-reader.ts';
import { listShards } from '../../infra/lambda-host/event-sources/shards.ts';

const integer = z.object({ N: z.string() }).transform(({ N }) => Number(N));
const text = z.object({ S: z.string() }).transform(({ S }) => S);
const image = z.object({ run_id: text, calendar_id: text, day_index: integer });
const stateRecord = z.object({ dynamodb: z.object({ NewImage: image, OldImage: image.optional() }) });

/** A change of the state by which a run accepted some days. */
export interface Acceptance {
  readonly days: number;
  /** The run's day after it. */
  readonly dayIndex: number;
}

/** What a run has accepted, by the table's own history. */
export interface AcceptedRun {
  readonly runId: string;
  readonly calendarId: string;
  /** −1 if none was. */
  readonly lastIndex: number;
  readonly acceptances: readonly Acceptance[];
}

/**
 * Reads which days were accepted from the table's stream, beside the system: every change of the state since the table was
 * made, whatever became of its trigger.
 */
export interface AcceptedRuns {
  /** All runs so far, oldest first. */
  read(): Promise<AcceptedRun[]>;
}

const PAGE = 1_000;

export function openAcceptedRuns(
  client: DynamoDBClient,
  streams: DynamoDBStreamsClient,
  table: string,
): AcceptedRuns {
  const readers = new Map<string, ShardReader>();
  const runs = new Map<string, { calendarId: string; acceptances: Acceptance[] }>();

  async function refresh(): Promise<void> {
    const { Table } = await client.send(new DescribeTableCommand({ TableName: table }));
    const streamArn = Table?.LatestStreamArn ?? '';
    for (const { ShardId: id } of await listShards(streams, streamArn)) {
      if (id === undefined) continue;
      const reader = readers.get(id) ?? openShardReader(streams, streamArn, id, undefined, historyIsGone);
      readers.set(id, reader);
      await readOn(reader);
    }
  }

  /** Until nothing comes twice in a row: where an iterator has expired nothing comes once, and all of it from a new one. */
  async function readOn(reader: ShardReader): Promise<void> {
    for (let empty = 0; empty < 2; ) {
      const { records } = await reader.read(PAGE);
      for (const record of records) note(record);
      empty = records.length === 0 ? empty + 1 : 0;
    }
  }

  function note(record: unknown): void {
    const parsed = stateRecord.safeParse(record);
    if (!parsed.success) return;
    const { NewImage: after, OldImage: before } = parsed.data.dynamodb;
    const run = runs.get(after.run_id) ?? { calendarId: after.calendar_id, acceptances: [] };
    runs.set(after.run_id, run);
    const from = before?.run_id === after.run_id ? before.day_index : -1;
    if (after.day_index > from)
      run.acceptances.push({ days: after.day_index - from, dayIndex: after.day_index });
  }

  return {
    async read() {
      await refresh();
      return [...runs].map(([runId, { calendarId, acceptances }]) => ({
        runId,
        calendarId,
        acceptances,
        lastIndex: Math.max(-1, ...acceptances.map(({ dayIndex }) => dayIndex)),
      }));
    },
  };
}

function historyIsGone(): never {
  throw new Error('The table no longer has its whole history, so nobody can say what was accepted.');
}
