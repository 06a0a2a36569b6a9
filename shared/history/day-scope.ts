import { HttpProblem } from '../api/errors.ts';
import type { Calendar, SimulationState } from '../simulation/state.ts';
import type { DataSet } from './data-set.ts';

/** The part of the simulation's store that tells the current day. */
export interface CurrentDaySource {
  readState(): Promise<SimulationState | null>;
  readCalendar(id: string): Promise<Calendar>;
}

/** The date of the simulation's current day; null before the first. */
export async function currentDate(store: CurrentDaySource): Promise<string | null> {
  const state = await store.readState();
  if (!state || state.dayIndex < 0) return null;
  const calendar = await store.readCalendar(state.calendarId);
  return calendar.dates[state.dayIndex] ?? null;
}

/**
 * The date of a day of the data set.
 *
 * @param day 1 for the first.
 * @throws HttpProblem `invalid_day`.
 */
export function dateOfDay(dataSet: DataSet | null, day: number): string {
  const dates = dataSet?.dates ?? [];
  const date = dates[day - 1];
  if (date !== undefined) return date;
  const days = dates.length > 0 ? `the data set has days 1 to ${dates.length}` : 'no data set is loaded';
  throw new HttpProblem('invalid_day', `day ${day} is out of range: ${days}.`);
}
