import type { DynamoDBDocumentClient } from '@aws-sdk/lib-dynamodb';
import type { TableSettings } from '../settings.ts';
import { type Advance, type AdvanceRequest, advanceDays } from './advance.ts';
import { readDay, readDays } from './days.ts';
import { nonIdempotentClient, retryingClient } from './dynamodb.ts';
import { progressKey, STATE_KEY, toProgress, toState } from './items.ts';
import * as ledger from './ledger.ts';
import { noReadCache, type ReadCache, readCache, sharedWriteStamp } from './read-cache.ts';
import type { CalendarRegistration } from './runs.ts';
import { register, reset, retireRun } from './runs.ts';
import { cachedCalendar, readSnapshot, type SnapshotCache, type SnapshotHint } from './snapshot.ts';
import type { Calendar, DayProgress, RunProgress, SimulationState, Snapshot } from './state.ts';
import { getItem, type Table, updateIf } from './table.ts';

export type { Advance, AdvanceRequest } from './advance.ts';
export { OutcomeUnknownError } from './dynamodb.ts';
export type { PublishedDay, ReceivedDay } from './ledger.ts';
export type { SnapshotHint } from './snapshot.ts';

/** The simulation's state in DynamoDB; all reads and changes go through this interface. */
export interface SimulationStore {
  /** Advances the run. @throws OutcomeUnknownError if the response was lost. */
  advanceDays(days: number, request: AdvanceRequest): Promise<Advance>;
  /** Starts a new run of the same calendar; before the first init it only removes a declared day total. */
  reset(): Promise<void>;
  /** Makes a calendar the current one; registering the current one again changes nothing. */
  register(calendar: CalendarRegistration): Promise<{ startedRun: boolean; totalDays: number }>;
  /** Stores a client's total for the current day, until the next advance. */
  declareDayTotal(total: number): Promise<void>;
  /** State, calendar, progress and current day, in one round trip if the hint is right. */
  readSnapshot(hint?: SnapshotHint): Promise<Snapshot>;
  readState(): Promise<SimulationState | null>;
  readProgress(runId: string): Promise<RunProgress | null>;
  readCalendar(id: string): Promise<Calendar>;
  readDay(runId: string, dayIndex: number): Promise<DayProgress | null>;
  /**
   * The days of a run that the pipeline has recorded, ascending, from index `from` (default 0). Returns the same array while the
   * read is answered from memory, so that what was made of it can be kept by it.
   */
  readDays(runId: string, from?: number): Promise<readonly DayProgress[]>;
  recordPublishedDay(runId: string, day: ledger.PublishedDay): Promise<void>;
  raisePublishedIndex(runId: string, dayIndex: number): Promise<void>;
  raiseHead(runId: string, headId: number): Promise<void>;
  raiseDayReceived(runId: string, day: ledger.ReceivedDay): Promise<void>;
  /** The same for several days; those that are complete share a request. */
  raiseDaysReceived(runId: string, days: readonly ledger.ReceivedDay[]): Promise<void>;
  /** Retires a replaced run that is completely stored; its items expire at the given time (Unix seconds). */
  retireRun(runId: string, expiresAt: number): Promise<void>;
}

interface StoreOptions {
  readonly tableName: string;
  readonly client: DynamoDBDocumentClient;
  /** Must not repeat what may have happened; see {@link nonIdempotentClient}. */
  readonly incrementClient: DynamoDBDocumentClient;
  /** By default nothing is cached. */
  readonly reads?: ReadCache;
}

/** Opens a store on the given clients. */
export function openSimulationStore({
  tableName,
  client,
  incrementClient,
  reads = noReadCache,
}: StoreOptions): SimulationStore {
  const table: Table = { name: tableName, client, incrementClient, reads };
  const cache: SnapshotCache = { calendars: new Map(), completeDays: null };
  return {
    advanceDays: (days, request) => advanceDays(table, days, request),
    reset: () => reset(table),
    register: (calendar) => register(table, calendar),
    declareDayTotal: (total) => declareDayTotal(table, total),
    readSnapshot: (hint) => readSnapshot(table, cache, hint),
    readState: async () => toState(await getItem(table, STATE_KEY)),
    readProgress: async (runId) => toProgress(await getItem(table, progressKey(runId))),
    readCalendar: (id) => cachedCalendar(table, cache, id),
    readDay: (runId, dayIndex) => readDay(table, runId, dayIndex),
    readDays: (runId, from = 0) => readDays(table, runId, from),
    recordPublishedDay: (runId, day) => ledger.recordPublishedDay(table, runId, day),
    raisePublishedIndex: (runId, dayIndex) => ledger.raisePublishedIndex(table, runId, dayIndex),
    raiseHead: (runId, headId) => ledger.raiseHead(table, runId, headId),
    raiseDayReceived: (runId, day) => ledger.raiseDaysReceived(table, runId, [day]),
    raiseDaysReceived: (runId, days) => ledger.raiseDaysReceived(table, runId, days),
    retireRun: (runId, expiresAt) => retireRun(table, runId, expiresAt),
  };
}

/**
 * Opens a store on clients configured by this process's environment.
 *
 * @param settings If they name a host that reports writes, items that were read are cached until the next write.
 */
export function connectSimulationStore({ TABLE_NAME, TABLE_WRITES }: TableSettings): SimulationStore {
  const stamp = TABLE_WRITES === undefined ? undefined : sharedWriteStamp(TABLE_WRITES);
  return openSimulationStore({
    tableName: TABLE_NAME,
    client: retryingClient(),
    incrementClient: nonIdempotentClient(),
    ...(stamp ? { reads: readCache(stamp) } : {}),
  });
}

async function declareDayTotal(table: Table, total: number): Promise<void> {
  await updateIf(table, STATE_KEY, {
    UpdateExpression: 'SET declared_day_total = :total',
    ExpressionAttributeValues: { ':total': total },
  });
}
