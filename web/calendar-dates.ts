import type { DatedDay } from './calendar-ticks.ts';
import type { PageState } from './state.ts';

const DAY_MS = 86_400_000;

/**
 * The dates of all days of the calendar. The server tells those of days that have happened; a calendar of which these follow each other
 * day by day is taken to go on so.
 *
 * @returns None as long as no date is known, or if days are missing between those that are.
 */
export function calendarDates({ status, run }: PageState): readonly DatedDay[] {
  if (!status) return [];
  const known: DatedDay[] = [...run.days.values()];
  if (status.current_day !== null) known.push({ dayIndex: status.day_index, date: status.current_day });
  const [first] = known;
  if (!first) return [];
  const begin = beginOf(first);
  if (known.some((day) => beginOf(day) !== begin)) return [];
  return Array.from({ length: status.total_days }, (_, dayIndex) => ({
    dayIndex,
    date: new Date(begin + dayIndex * DAY_MS).toISOString().slice(0, 10),
  }));
}

/** When the calendar would have begun, had it every day up to this one. */
function beginOf({ dayIndex, date }: DatedDay): number {
  return Date.parse(date) - dayIndex * DAY_MS;
}
