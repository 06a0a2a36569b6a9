import { dayKeys, dayOf, readDays } from './days.ts';
import { type ItemKey, progressKey, STATE_KEY, toDeclaredDayTotal, toProgress, toState } from './items.ts';
import { readCalendar } from './runs.ts';
import type { Calendar, DayProgress, SimulationState, Snapshot } from './state.ts';
import { getItem, getItems, type Table } from './table.ts';

/** Where the caller expects the simulation to be; if that is right, one round trip reads everything. */
export interface SnapshotHint {
  readonly runId: string;
  readonly dayIndex: number;
}

/** Immutable values, cached for the life of the process. */
export interface SnapshotCache {
  readonly calendars: Map<string, Calendar>;
  /** How many first days of a run were seen complete; complete days stay complete. */
  completeDays: { readonly runId: string; readonly count: number } | null;
}

/** Reads state, progress, current day and calendar together. */
export async function readSnapshot(
  table: Table,
  cache: SnapshotCache,
  hint?: SnapshotHint,
): Promise<Snapshot> {
  const [stateItem, ...hinted] = hint
    ? await getItems(table, [STATE_KEY, ...positionKeys(hint)])
    : [await getItem(table, STATE_KEY)];
  const state = toState(stateItem);
  const declaredDayTotal = toDeclaredDayTotal(stateItem);
  if (!state) return { ...NOTHING, declaredDayTotal };

  const isRight = hint?.runId === state.runId && hint.dayIndex === state.dayIndex;
  const [progressItem, ...dayItems] = isRight ? hinted : await getItems(table, positionKeys(state));
  const day = dayOf(currentDay(state), dayItems);
  return {
    state,
    calendar: await cachedCalendar(table, cache, state.calendarId),
    progress: toProgress(progressItem),
    day,
    declaredDayTotal,
    allDaysComplete: await isRunComplete(table, cache, state, day),
  };
}

const NOTHING: Snapshot = {
  state: null,
  calendar: null,
  progress: null,
  day: null,
  declaredDayTotal: null,
  allDaysComplete: false,
};

function positionKeys(position: SnapshotHint): readonly ItemKey[] {
  return [progressKey(position.runId), ...dayKeys(position.runId, currentDay(position))];
}

/** Before the first day, the first one: its record may already be there. */
function currentDay({ dayIndex }: SnapshotHint): number {
  return Math.max(dayIndex, 0);
}

/** A process sees one calendar, or a few while data sets are replaced. */
const CACHED_CALENDARS = 8;

/** The calendar with an id, read once per process because it is immutable. */
export async function cachedCalendar(table: Table, cache: SnapshotCache, id: string): Promise<Calendar> {
  const known = cache.calendars.get(id);
  if (known) return known;
  const calendar = await readCalendar(table, id);
  if (cache.calendars.size >= CACHED_CALENDARS) cache.calendars.clear();
  cache.calendars.set(id, calendar);
  return calendar;
}

/** Days read at a time: while a backlog is stored, each day is read about once, however often the status is asked for. */
const DAYS_AT_ONCE = 100;

/** Reads the days only once the last one is complete; earlier ones may not be, because partitions are stored independently. */
async function isRunComplete(
  table: Table,
  cache: SnapshotCache,
  state: SimulationState,
  lastDay: DayProgress | null,
): Promise<boolean> {
  if (state.daysLeft > 0 || !lastDay?.completedAt) return false;
  const { runId, lastIndex } = state;
  let count = cache.completeDays?.runId === runId ? cache.completeDays.count : 0;
  while (count <= lastIndex) {
    const days = await readDays(table, runId, count, count + DAYS_AT_ONCE - 1);
    const before = count;
    for (const day of days) {
      if (day.dayIndex !== count || !day.completedAt) break;
      count += 1;
    }
    cache.completeDays = { runId, count };
    if (count < before + DAYS_AT_ONCE && count <= lastIndex) return false;
  }
  return true;
}
