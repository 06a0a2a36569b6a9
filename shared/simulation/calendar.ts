import { createHash } from 'node:crypto';
import { type Calendar, MAX_CALENDAR_DAYS } from './state.ts';

/** What a client or the ETL registers: the days, and where a data set stands behind them, its counts and its hash. */
export interface CalendarRegistration {
  readonly dates: readonly string[];
  readonly salesPerDay?: readonly number[];
  /** SHA-256 of the data set's file: another file is another calendar even if its days are the same. */
  readonly dataSet?: string;
}

/**
 * Gives a registration the id of its content (the first 32 hex digits of a SHA-256), so that the same calendar registered
 * twice is one item.
 *
 * @throws RangeError if it has more days than an item holds or counts that don't match its days.
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

/** Whether two calendars go through the same days. */
export function sameDates(a: readonly string[], b: readonly string[]): boolean {
  return a.length === b.length && a.every((date, index) => date === b[index]);
}
