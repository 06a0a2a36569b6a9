import { DescribeTableCommand, type DynamoDBClient } from '@aws-sdk/client-dynamodb';
import type { DynamoDBStreamsClient } from '@aws-sdk/client-dynamodb-streams';
import * as z from 'zod';
import { openShardReader, type ShardReader } from '../../infra/lambda-host/event-sources/shard-reader.ts';
import { listShards } from '../../infra/lambda-host/event-sources/stream-positions.ts';

const integer = z.object({ N: z.string() }).transform(({ N }) => Number(N));
const text = z.object({ S: z.string() }).transform(({ S }) => S);
const image = z.object({ run_id: text, calendar_id: text, day_index: integer });
const stateRecord = z.object({ dynamodb: z.object({ NewImage: image, OldImage: image.optional() }) });

/** One state change by which a run accepted days. */
export interface Acceptance {
  readonly days: number;
  /** The run's day index after the change. */
  readonly dayIndex: number;
}

/** Days whose acceptance the system acknowledged to a client. */
export interface Acknowledged {
  readonly runId: string;
  readonly dayIndex: number;
  readonly days: number;
}

/** The days a run has accepted, according to the table's own history. */
export interface AcceptedRun {
  readonly runId: string;
  readonly calendarId: string;
  /** −1 if it accepted none. */
  readonly lastIndex: number;
  readonly acceptances: readonly Acceptance[];
}

/**
 * Reads accepted days from the table's stream, independently of the system: every state change since the table was
 * created, whatever became of its trigger.
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

  /** Reads until two reads in a row are empty: an expired iterator returns one empty read, its replacement everything. */
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
  throw new Error(
    'The stream of the table no longer holds its complete history, so the accepted days are unknown.',
  );
}
