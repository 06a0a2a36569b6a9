import * as z from 'zod';
import type { Calendar, DayProgress, RunProgress, SimulationState } from './state.ts';

/** Key of an item in the simulation table; docs/architecture.md shows the table. */
export interface ItemKey {
  readonly pk: string;
  readonly sk: string;
}

export const STATE_KEY: ItemKey = { pk: 'SIMULATION', sk: 'STATE' };

const DAY_PREFIX = 'DAY#';

/** Key of a calendar. */
export function calendarKey(id: string): ItemKey {
  return { pk: 'SIMULATION', sk: `CALENDAR#${id}` };
}

/** Partition key of everything the pipeline records of a run. */
export function runKey(runId: string): string {
  return `RUN#${runId}`;
}

/** Key of a run's counters: how far it is published and stored. */
export function progressKey(runId: string): ItemKey {
  return { pk: runKey(runId), sk: 'PROGRESS' };
}

/** Four digits, so that the days of a run sort as text. */
export function dayKey(runId: string, dayIndex: number): ItemKey {
  return { pk: runKey(runId), sk: `${DAY_PREFIX}${String(dayIndex).padStart(4, '0')}` };
}

/** Days whose completion shares an item, so that one update records what a batch of a backlog completes. */
const DAYS_PER_COMPLETION = 50;

/** Key of the item that has the completion of a day. */
export function completionKey(runId: string, dayIndex: number): ItemKey {
  const block = String(Math.floor(dayIndex / DAYS_PER_COMPLETION)).padStart(4, '0');
  return { pk: runKey(runId), sk: `COMPLETE#${block}` };
}

/** The attribute of a completed day within that item. */
export function completionName(dayIndex: number): string {
  return `${COMPLETED_DAY}${dayIndex}`;
}

const COMPLETED_DAY = 'day_';

/** An item of the simulation table as it is stored. */
type Item = Record<string, unknown>;

const stateItem = z.object({
  run_id: z.string(),
  calendar_id: z.string(),
  day_index: z.number(),
  last_index: z.number(),
  days_left: z.number(),
  requested_at: z.string().optional(),
  traceparent: z.string().optional(),
  retired: z.record(z.string(), z.number()),
});

/** The state, or null if there is none: before the first init a posted day total may have created the item. */
export function toState(item: Item | undefined): SimulationState | null {
  if (item?.run_id === undefined) return null;
  const stored = stateItem.parse(item);
  return {
    runId: stored.run_id,
    calendarId: stored.calendar_id,
    dayIndex: stored.day_index,
    lastIndex: stored.last_index,
    daysLeft: stored.days_left,
    requestedAt: stored.requested_at ?? null,
    traceparent: stored.traceparent ?? null,
    retired: stored.retired,
  };
}

/** The total that a client posted for the current day; null if none did. */
export function toDeclaredDayTotal(item: Item | undefined): number | null {
  return z
    .number()
    .nullable()
    .parse(item?.declared_day_total ?? null);
}

const calendarItem = z.object({
  sk: z.string(),
  dates: z.array(z.string()),
  sales_per_day: z.array(z.number()).optional(),
});

/** Reads a calendar's item. @throws ZodError if it has another form. */
export function toCalendar(item: Item): Calendar {
  const { sk, dates, sales_per_day } = calendarItem.parse(item);
  return { id: sk.slice(sk.indexOf('#') + 1), dates, salesPerDay: sales_per_day ?? null };
}

/** The item of a calendar. */
export function fromCalendar({ dates, salesPerDay }: Calendar, key: ItemKey): Item {
  return { ...key, dates, ...(salesPerDay ? { sales_per_day: salesPerDay } : {}) };
}

const progressItem = z.object({
  pk: z.string(),
  calendar_id: z.string(),
  published_index: z.number(),
  head_id: z.number(),
});

/** Reads a run's item; null if there is none yet. @throws ZodError if it has another form. */
export function toProgress(item: Item | undefined): RunProgress | null {
  // An item that has counters alone was created by a counter before the run's own item was written.
  if (item?.calendar_id === undefined) return null;
  const { pk, calendar_id, published_index, head_id } = progressItem.parse(item);
  return {
    runId: pk.slice(pk.indexOf('#') + 1),
    calendarId: calendar_id,
    publishedIndex: published_index,
    headId: head_id,
  };
}

const dayItem = z.object({
  date: z.string(),
  day_total: z.number(),
  day_received: z.number().default(0),
  requested_at: z.string().nullish(),
  picked_up_at: z.string().optional(),
  published_at: z.string().optional(),
  completed_at: z.string().optional(),
  published_again_at: z.string().optional(),
});

/** A day whose sales are all stored. Its date and total are here too, because it may be stored before its publication is recorded. */
const completedDay = z.object({
  date: z.string(),
  total: z.number(),
  /** ISO 8601, UTC. */
  at: z.string(),
});
export type CompletedDay = z.infer<typeof completedDay>;

/** The completion of a day, from the item that has it; undefined if it isn't complete. @throws ZodError if it has another form. */
export function toCompletedDay(item: Item | undefined, dayIndex: number): CompletedDay | undefined {
  return completedDay.optional().parse(item?.[completionName(dayIndex)]);
}

/** The completed days of an item, by day index. @throws ZodError if one has another form. */
export function toCompletedDays(item: Item | undefined): ReadonlyMap<number, CompletedDay> {
  const days = Object.entries(item ?? {}).filter(([name]) => name.startsWith(COMPLETED_DAY));
  return new Map(
    days.map(([name, day]) => [Number(name.slice(COMPLETED_DAY.length)), completedDay.parse(day)]),
  );
}

/**
 * Reads a day from its item and from its completion; null if there is neither.
 *
 * @throws ZodError if the item has another form.
 */
export function toDay(
  item: Item | undefined,
  dayIndex: number,
  completed: CompletedDay | undefined,
): DayProgress | null {
  if (item === undefined && completed === undefined) return null;
  const day = dayItem.parse({ date: completed?.date, day_total: completed?.total, ...item });
  const completions = [day.completed_at, completed?.at].flatMap((at) => at ?? []).sort();
  return {
    dayIndex,
    date: day.date,
    dayTotal: day.day_total,
    dayReceived: Math.max(day.day_received, completed?.total ?? 0),
    requestedAt: day.requested_at ?? null,
    pickedUpAt: day.picked_up_at ?? null,
    publishedAt: day.published_at ?? null,
    publishedAgainAt: day.published_again_at ?? null,
    completedAt: completions[0] ?? null,
  };
}

/** Whether an item of a run is that of a day. */
export function isDayItem(item: Item): boolean {
  return String(item.sk).startsWith(DAY_PREFIX);
}

/** The index of the day that an item belongs to. */
export function dayIndexOfItem(item: Item): number {
  return Number(String(item.sk).slice(DAY_PREFIX.length));
}
