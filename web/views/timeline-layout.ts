import type { StatusMessage } from '../../shared/api/live.ts';
import { formatAmount, formatDate, formatDays, formatInteger } from '../format.ts';
import type { PageState } from '../state/state.ts';
import type { DaySummary } from '../state/sums.ts';
import { datesOfCalendar } from './calendar.ts';

/** One column of pixels of the calendar timeline. */
export interface TimelineColumn {
  /** First day of the column. */
  readonly dayIndex: number;
  /** `known`: this page has its revenue; `played`: it happened, but its revenue isn't known yet; `toCome`: it is ahead. */
  readonly kind: 'known' | 'played' | 'toCome';
  /** Highest revenue of its days relative to the highest of all, 0-1. */
  readonly height: number;
}

/** The days that a timeline shows. */
interface TimelineDays {
  readonly total: number;
  /** The last day that has happened; -1 if none has. */
  readonly today: number;
  readonly days: ReadonlyMap<number, DaySummary>;
}

/** The columns of a timeline. @param room How many fit. */
export function timelineColumns({ total, today, days }: TimelineDays, room: number): TimelineColumn[] {
  const count = Math.min(total, Math.max(1, Math.floor(room)));
  const greatest = Math.max(1, ...[...days.values()].map(({ netCents }) => netCents));
  return Array.from({ length: count }, (_, column) => {
    const first = Math.floor((column * total) / count);
    const end = Math.max(first + 1, Math.floor(((column + 1) * total) / count));
    const known = Array.from({ length: end - first }, (_, offset) => days.get(first + offset)).flatMap(
      (day) => day ?? [],
    );
    const revenue = Math.max(0, ...known.map(({ netCents }) => netCents));
    const kind = known.length > 0 ? 'known' : first <= today ? 'played' : 'toCome';
    return { dayIndex: first, kind, height: revenue / greatest };
  });
}

/** The day under a point. @param part Of the timeline's width, 0-1. */
export function dayAt(part: number, totalDays: number): number {
  return Math.max(0, Math.min(totalDays - 1, Math.floor(part * totalDays)));
}

/** Describes a day: its date, its revenue if known, or how far ahead it is. @param calendarDate Its date by the calendar, if known. */
export function dayText(
  dayIndex: number,
  state: PageState,
  calendarDate: string | undefined = datesOfCalendar(state)[dayIndex]?.date,
): string {
  const { status, run } = state;
  const day = run.days.get(dayIndex);
  const date = day?.date ?? calendarDate;
  const name = date
    ? `${formatDate(date)} · day ${formatInteger(dayIndex + 1)}`
    : `Day ${formatInteger(dayIndex + 1)}`;
  if (day) return `${name}: ${formatAmount(day.netCents)}`;
  const daysAhead = dayIndex - (status?.day_index ?? -1);
  if (daysAhead <= 0) return `${name}: played`;
  return `${name}: advance ${formatDays(daysAhead)}`;
}

/**
 * How many days are left to a day after a question about it was open.
 *
 * @param asked The status when the question was asked.
 * @returns At most as many as the user confirmed; null if another run has begun since.
 */
export function daysLeftTo(
  dayIndex: number,
  asked: StatusMessage | null,
  now: StatusMessage | null,
): number | null {
  // Between a reset and the new run's status, only the day tells.
  if (!asked || !now || now.run_id !== asked.run_id || now.day_index < asked.day_index) return null;
  return Math.max(0, dayIndex - now.day_index);
}

/** A date with promotion in the calendar. */
export function isPromotionDay({ promoted, events }: DaySummary): boolean {
  return promoted > events / 2;
}

/** What the marks of a day mean, as far as it has any. */
export function marksText(day: DaySummary | undefined, stockOuts: number): string {
  if (!day) return '';
  return `${isPromotionDay(day) ? ', promotion' : ''}${stockOuts > 0 ? `, ${formatInteger(stockOuts)} sold out` : ''}`;
}

/** Days that Page Up and Page Down move by. */
const FAR = 30;

/** The day a key moves to on a slider of days; null if the key has no effect. May be beyond the last day. */
export function dayByKey(key: string, from: number, last: number): number | null {
  const days: Readonly<Record<string, number>> = {
    ArrowRight: from + 1,
    ArrowUp: from + 1,
    ArrowLeft: from - 1,
    ArrowDown: from - 1,
    PageUp: from + FAR,
    PageDown: from - FAR,
    Home: 0,
    End: last,
  };
  return days[key] ?? null;
}
