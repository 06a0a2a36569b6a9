import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import { type Advance, type AdvanceRequest, advanceDays } from './advance.ts';
import { nonIdempotentClient, retryingClient } from './dynamodb.ts';
import { dayKey, progressKey, STATE_KEY, toDay, toProgress, toState } from './items.ts';
import * as ledger from './ledger.ts';
import type { CalendarRegistration } from './runs.ts';
import { register, reset, retireRun } from './runs.ts';
import { cachedCalendar, readSnapshot, type SnapshotCache, type SnapshotHint } from './snapshot.ts';
import type { Calendar, DayProgress, RunProgress, SimulationState, Snapshot } from './state.ts';
import { getItem, queryDays, type Table, updateIf } from './table.ts';

export type { Advance, AdvanceRequest } from './advance.ts';
export { OutcomeUnknownError } from './dynamodb.ts';
export type { PublishedDay, ReceivedDay } from './ledger.ts';
export type { SnapshotHint } from './snapshot.ts';

/** The simulation's state in DynamoDB. Everything that reads or changes it goes through here. */
export interface SimulationStore {
  /** Accepts a click. @throws OutcomeUnknownError if the answer was lost. */
  advanceDays(days: number, click: AdvanceRequest): Promise<Advance>;
  /** Starts a new run of the same calendar; before the first init it only forgets a declared day total. */
  reset(): Promise<void>;
  /** Makes a calendar the simulation's; what is registered already changes nothing. */
  register(calendar: CalendarRegistration): Promise<{ startedRun: boolean; totalDays: number }>;
  /** Keeps what an old producer says the current day has, until the next click. */
  declareDayTotal(total: number): Promise<void>;
  /** State, calendar, progress and current day, in one round trip where the hint is right. */
  readSnapshot(hint?: SnapshotHint): Promise<Snapshot>;
  readState(): Promise<SimulationState | null>;
  readProgress(runId: string): Promise<RunProgress | null>;
  readCalendar(id: string): Promise<Calendar>;
  readDay(runId: string, dayIndex: number): Promise<DayProgress | null>;
  /** The days of a run that the pipeline has seen, ascending; only those from an index on if one is given. */
  readDays(runId: string, from?: number): Promise<DayProgress[]>;
  recordPublishedDay(runId: string, day: ledger.PublishedDay): Promise<void>;
  raisePublishedIndex(runId: string, dayIndex: number): Promise<void>;
  raiseHead(runId: string, headId: number): Promise<void>;
  raiseDayReceived(runId: string, day: ledger.ReceivedDay): Promise<void>;
  /** Lets a replaced run that is stored whole expire (Unix seconds) and forgets it. */
  retireRun(runId: string, expiresAt: number): Promise<void>;
}

export interface StoreOptions {
  readonly tableName: string;
  readonly client: DynamoDBDocumentClient;
  /** Must not repeat what may have happened; see {@link nonIdempotentClient}. */
  readonly incrementClient: DynamoDBDocumentClient;
}

/** A store on given clients. */
export function openSimulationStore({ tableName, client, incrementClient }: StoreOptions): SimulationStore {
  const table: Table = { name: tableName, client, incrementClient: incrementClient };
  const cache: SnapshotCache = { calendars: new Map(), completeRun: null };
  return {
    advanceDays: (days, click) => advanceDays(table, days, click),
    reset: () => reset(table),
    register: (calendar) => register(table, calendar),
    declareDayTotal: (total) => declareDayTotal(table, total),
    readSnapshot: (hint) => readSnapshot(table, cache, hint),
    readState: async () => toState(await getItem(table, STATE_KEY)),
    readProgress: async (runId) => toProgress(await getItem(table, progressKey(runId))),
    readCalendar: (id) => cachedCalendar(table, cache, id),
    readDay: async (runId, dayIndex) => toDay(await getItem(table, dayKey(runId, dayIndex))),
    readDays: async (runId, from = 0) =>
      (await queryDays(table, runId, from)).flatMap((item) => toDay(item) ?? []),
    recordPublishedDay: (runId, day) => ledger.recordPublishedDay(table, runId, day),
    raisePublishedIndex: (runId, dayIndex) => ledger.raisePublishedIndex(table, runId, dayIndex),
    raiseHead: (runId, headId) => ledger.raiseHead(table, runId, headId),
    raiseDayReceived: (runId, day) => ledger.raiseDayReceived(table, runId, day),
    retireRun: (runId, expiresAt) => retireRun(table, runId, expiresAt),
  };
}

/** A store on clients of this process's own settings. */
export function connectSimulationStore(tableName: string): SimulationStore {
  return openSimulationStore({ tableName, client: retryingClient(), incrementClient: nonIdempotentClient() });
}

async function declareDayTotal(table: Table, total: number): Promise<void> {
  await updateIf(table, STATE_KEY, {
    UpdateExpression: 'SET declared_day_total = :total',
    ExpressionAttributeValues: { ':total': total },
  });
}
