import { MAX_CALENDAR_DAYS } from '../api/simulation.ts';
import { keptByArray } from '../kept-by-array.ts';
import {
  completionKey,
  dayIndexOfItem,
  dayKey,
  type ItemKey,
  isDayItem,
  toCompletedDay,
  toCompletedDays,
  toDay,
} from './items.ts';
import type { DayProgress } from './state.ts';
import { getItems, type Item, queryRanges, type Table } from './table.ts';

/** The keys of the items that together have the record of a day. */
export function dayKeys(runId: string, dayIndex: number): readonly [day: ItemKey, completion: ItemKey] {
  return [dayKey(runId, dayIndex), completionKey(runId, dayIndex)];
}

/** The record of a day, from the items of its {@link dayKeys}; null if the pipeline hasn't recorded anything of it. */
export function dayOf(
  dayIndex: number,
  [day, completion]: readonly (Item | undefined)[],
): DayProgress | null {
  return toDay(day, dayIndex, toCompletedDay(completion, dayIndex));
}

/** Reads the record of one day; null if the pipeline hasn't recorded anything of it. */
export async function readDay(table: Table, runId: string, dayIndex: number): Promise<DayProgress | null> {
  return dayOf(dayIndex, await getItems(table, dayKeys(runId, dayIndex)));
}

/**
 * The days of a run that the pipeline has recorded, ascending.
 *
 * @param from First day index to return.
 * @param to Last day index to return.
 */
export async function readDays(
  table: Table,
  runId: string,
  from: number,
  to = MAX_CALENDAR_DAYS - 1,
): Promise<readonly DayProgress[]> {
  const last = Math.min(to, MAX_CALENDAR_DAYS - 1);
  const items = await queryRanges(table, [
    { first: dayKey(runId, from), last: dayKey(runId, last) },
    { first: completionKey(runId, from), last: completionKey(runId, last) },
  ]);
  const days = daysOf(items);
  const isAsked = ({ dayIndex }: DayProgress) => dayIndex >= from && dayIndex <= last;
  return days.every(isAsked) ? days : days.filter(isAsked);
}

/** The days of the items of days and of completions; the same array for the same items. */
const daysOf = keptByArray((items: readonly Item[]): readonly DayProgress[] => {
  const [dayItems, completions] = [items.filter(isDayItem), items.filter((item) => !isDayItem(item))];
  const days = new Map(dayItems.map((item) => [dayIndexOfItem(item), item]));
  const completed = new Map(completions.flatMap((item) => [...toCompletedDays(item)]));
  const indexes = [...new Set([...days.keys(), ...completed.keys()])].sort((a, b) => a - b);
  return indexes.flatMap((index) => toDay(days.get(index), index, completed.get(index)) ?? []);
});
