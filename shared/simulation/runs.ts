import { createHash, randomUUID } from 'node:crypto';
import { DeleteCommand, PutCommand } from '@aws-sdk/lib-dynamodb';
import { MAX_CALENDAR_DAYS } from '../api/simulation.ts';
import { RunContentionError } from './dynamodb.ts';
import {
  calendarKey,
  fromCalendar,
  type ItemKey,
  progressKey,
  STATE_KEY,
  toCalendar,
  toState,
} from './items.ts';
import type { Calendar, SimulationState } from './state.ts';
import { getItem, queryRun, type Table, type Update, updateIf, updateOrFind } from './table.ts';

/** What a client or the ETL registers: the days and, if there is a data set, its counts and its hash. */
export interface CalendarRegistration {
  readonly dates: readonly string[];
  readonly salesPerDay?: readonly number[];
  /** SHA-256 of the data set's file. Another file is another calendar, even if its days are the same. */
  readonly dataSet?: string;
}

/**
 * Creates the calendar of a registration. Its id is derived from its content (the first 32 hex digits of a SHA-256), so the
 * same calendar registered twice is one item.
 *
 * @throws RangeError if it has more days than an item can hold, or not one count per day.
 */
export function calendarOf({ dates, salesPerDay, dataSet }: CalendarRegistration): Calendar {
  if (dates.length > MAX_CALENDAR_DAYS) {
    throw new RangeError(`A calendar holds at most ${MAX_CALENDAR_DAYS} days; this one has ${dates.length}.`);
  }
  if (salesPerDay && salesPerDay.length !== dates.length) {
    throw new RangeError(`${dates.length} days need as many counts; there are ${salesPerDay.length}.`);
  }
  const content = JSON.stringify([dates, salesPerDay ?? null, dataSet ?? null]);
  const id = createHash('sha256').update(content).digest('hex').slice(0, 32);
  return { id, dates, salesPerDay: salesPerDay ?? null };
}

/** Whether two calendars have the same days. */
export function sameDates(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((date, index) => date === b[index]);
}

/** Of callers that start a run at the same moment one succeeds per round, so more rounds mean that something is wrong. */
const REGISTRATION_ROUNDS = 10;

/** Concurrent updates that set the time to live of a retired run's items. */
const PARALLEL_UPDATES = 10;

/**
 * Makes a calendar the current one. Registering the current dates again changes nothing, so every producer may register
 * when it starts. Other dates, or another data set with the same dates, start a new run.
 *
 * @throws RunContentionError if other callers keep replacing the run.
 */
export async function register(
  table: Table,
  registration: CalendarRegistration,
): Promise<{ startedRun: boolean; totalDays: number }> {
  const calendar = calendarOf(registration);
  const totalDays = calendar.dates.length;
  for (let round = 0; round < REGISTRATION_ROUNDS; round += 1) {
    const item = await getItem(table, STATE_KEY);
    const state = toState(item);
    if (state && (await isRegistered(table, state, calendar, registration, item?.data_set)))
      return { startedRun: false, totalDays };
    await putItem(table, fromCalendar(calendar, calendarKey(calendar.id)));
    if (await startRun(table, state, calendar, registration.dataSet)) return { startedRun: true, totalDays };
  }
  throw new RunContentionError();
}

/** Starts a new run of the current calendar. Without a calendar it only removes a declared day total. */
export async function reset(table: Table): Promise<void> {
  const state = toState(await getItem(table, STATE_KEY));
  if (!state) return removeDeclaredDayTotal(table);
  const calendar = await readCalendar(table, state.calendarId);
  // If it isn't started, another caller has just replaced the run, which is before its first day as well.
  await startRun(table, state, calendar);
}

/** @throws if the calendar is missing; only a deleted item explains that. */
export async function readCalendar(table: Table, id: string): Promise<Calendar> {
  const item = await getItem(table, calendarKey(id));
  if (!item)
    throw new Error(`The calendar ${id} is missing from table ${table.name}; register the dates again.`);
  return toCalendar(item);
}

async function removeDeclaredDayTotal(table: Table): Promise<void> {
  await updateIf(table, STATE_KEY, {
    UpdateExpression: 'REMOVE declared_day_total',
    ConditionExpression: 'attribute_exists(declared_day_total) AND attribute_not_exists(run_id)',
  });
}

/**
 * A client knows only dates. The ETL, which registers at every start, knows the data set: if it is the one it registered
 * last, a run that a client has started since, perhaps with other dates, continues.
 */
async function isRegistered(
  table: Table,
  state: SimulationState,
  calendar: Calendar,
  { dataSet }: CalendarRegistration,
  registeredDataSet: unknown,
): Promise<boolean> {
  if (state.calendarId === calendar.id) return true;
  if (dataSet !== undefined) return dataSet === registeredDataSet;
  return sameDates((await readCalendar(table, state.calendarId)).dates, calendar.dates);
}

/**
 * Replaces the run that was read by a new one, before its first day. The same update copies the replaced run's position, so
 * the days it had accepted by then are known and will be completed.
 *
 * @returns false if another caller has replaced the run in the meantime.
 */
async function startRun(
  table: Table,
  seen: SimulationState | null,
  calendar: Calendar,
  dataSet?: string,
): Promise<boolean> {
  const runId = randomUUID();
  const progress = { calendar_id: calendar.id, published_index: -1, head_id: 0 };
  // Written first, so that every reader of the run finds its progress. If the run isn't started after all, nothing refers to it.
  await putItem(table, { ...progressKey(runId), ...progress });
  const { changed, found } = await updateOrFind(table, STATE_KEY, newRun(runId, seen, calendar, dataSet));
  // The SDK retries after a lost response; then the run that makes the condition fail is our own.
  const started = changed || knowsRun(toState(found), runId);
  if (!started) await deleteItem(table, progressKey(runId));
  return started;
}

/** Whether a run is the current one, or a replaced one that is not yet completely stored. */
export function knowsRun(state: SimulationState | null, runId: string): boolean {
  return state !== null && (state.runId === runId || runId in state.retired);
}

function newRun(runId: string, seen: SimulationState | null, calendar: Calendar, dataSet?: string): Update {
  const lastIndex = calendar.dates.length - 1;
  const load = dataSet === undefined ? '' : ', data_set = :data_set';
  const retire = seen ? 'retired.#seen = day_index' : 'retired = :none';
  return {
    UpdateExpression:
      `SET ${retire}, run_id = :run, calendar_id = :calendar, day_index = :before_first, last_index = :last, ` +
      `days_left = :left${load} REMOVE requested_at, traceparent, declared_day_total`,
    ConditionExpression: seen ? 'run_id = :seen' : 'attribute_not_exists(run_id)',
    ...(seen ? { ExpressionAttributeNames: { '#seen': seen.runId } } : {}),
    ExpressionAttributeValues: {
      ...(seen ? { ':seen': seen.runId } : { ':none': {} }),
      ...(load ? { ':data_set': dataSet } : {}),
      ':run': runId,
      ':calendar': calendar.id,
      ':before_first': -1,
      ':last': lastIndex,
      ':left': lastIndex + 1,
    },
  };
}

/**
 * Retires a replaced run that is completely stored: its items expire and the state drops it.
 *
 * @param expiresAt Unix time in seconds.
 */
export async function retireRun(table: Table, runId: string, expiresAt: number): Promise<void> {
  const items = await queryRun(table, runId);
  const keys = items.map(({ pk, sk }) => ({ pk: String(pk), sk: String(sk) }));
  await expire(table, keys, expiresAt);
  await updateIf(table, STATE_KEY, {
    UpdateExpression: 'REMOVE retired.#run',
    ConditionExpression: 'attribute_exists(retired.#run)',
    ExpressionAttributeNames: { '#run': runId },
  });
}

async function expire(table: Table, keys: readonly ItemKey[], expiresAt: number): Promise<void> {
  for (let start = 0; start < keys.length; start += PARALLEL_UPDATES) {
    const slice = keys.slice(start, start + PARALLEL_UPDATES);
    await Promise.all(
      slice.map((key) =>
        updateIf(table, key, {
          UpdateExpression: 'SET expires_at = :at',
          ConditionExpression: 'attribute_exists(pk)',
          ExpressionAttributeValues: { ':at': expiresAt },
        }),
      ),
    );
  }
}

async function putItem(table: Table, item: Record<string, unknown>): Promise<void> {
  await table.client.send(new PutCommand({ TableName: table.name, Item: item }));
}

async function deleteItem(table: Table, key: ItemKey): Promise<void> {
  await table.client.send(new DeleteCommand({ TableName: table.name, Key: { ...key } }));
}
