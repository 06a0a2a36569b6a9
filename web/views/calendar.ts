import { formatDayMonth } from '../format.ts';
import type { PageState } from '../state/state.ts';

const DAY_MS = 86_400_000;

/**
 * The first date of the calendar (ms). The server reports the dates of days that have happened. If these are consecutive,
 * the days ahead are assumed to be consecutive too.
 *
 * @returns Null if no date is known, or if the known dates have gaps.
 */
export function calendarBegin({ status, run }: Pick<PageState, 'status' | 'run'>): number | null {
  if (!status) return null;
  const known: DatedDay[] = [...run.days.values()];
  if (status.current_day !== null) known.push({ dayIndex: status.day_index, date: status.current_day });
  const [first] = known;
  if (!first) return null;
  const begin = beginOf(first);
  return known.every((day) => beginOf(day) === begin) ? begin : null;
}

/** The dates of all days of the calendar; none if the first of them isn't known ({@link calendarBegin}). */
export function datesOfCalendar(state: Pick<PageState, 'status' | 'run'>): readonly DatedDay[] {
  return datesFrom(calendarBegin(state), state.status?.total_days ?? 0);
}

/** The dates of consecutive days. @param begin The first of them (ms); without it there are none. */
export function datesFrom(begin: number | null, totalDays: number): readonly DatedDay[] {
  if (begin === null) return [];
  return Array.from({ length: totalDays }, (_, dayIndex) => ({
    dayIndex,
    date: new Date(begin + dayIndex * DAY_MS).toISOString().slice(0, 10),
  }));
}

/** The first date of the calendar, assuming consecutive days up to this one. */
function beginOf({ dayIndex, date }: DatedDay): number {
  return Date.parse(date) - dayIndex * DAY_MS;
}

/** A day of the calendar with its date. */
export interface DatedDay {
  readonly dayIndex: number;
  readonly date: string;
}

/** A mark on an axis of days, and its label. */
export interface DayTick {
  readonly dayIndex: number;
  readonly label: string;
}

/** A period of the calendar whose first days can be marked. */
interface Period {
  /** Numbers the periods consecutively. */
  number(date: Date): number;
  /** Width of a label including its margin, in px at a text of 12 px. */
  readonly room: number;
  readonly label: (date: string) => string;
}

const months = (date: Date) => date.getUTCFullYear() * 12 + date.getUTCMonth();
const monthsEach = (count: number): Period => ({
  number: (date) => Math.floor(months(date) / count),
  room: 44,
  label: monthLabel,
});

/** From the shortest. 1970 began on a Thursday, and weeks begin on Monday. */
const PERIODS: readonly Period[] = [
  { number: (date) => date.getTime() / DAY_MS, room: 72, label: formatDayMonth },
  { number: (date) => Math.floor((date.getTime() / DAY_MS + 3) / 7), room: 72, label: formatDayMonth },
  ...[1, 3, 6, 12].map(monthsEach),
];

/**
 * The first days of the shortest periods (days, weeks, months …) whose labels have room beside each other. January is labelled with its year,
 * as is the first mark.
 *
 * @param days In their order; days may be missing.
 * @param dayPx Width of one day, in px at a text of 12 px.
 */
export function calendarTicks(days: readonly DatedDay[], dayPx: number): DayTick[] {
  for (const period of PERIODS) {
    const begins = beginsOf(days, period);
    const nearest = Math.min(
      ...begins.map(({ dayIndex }, index) => dayIndex - (begins[index - 1]?.dayIndex ?? -Infinity)),
    );
    if (nearest * dayPx >= period.room) return begins.map((day, index) => tickOf(day, index === 0, period));
  }
  return [];
}

/** The first days of periods. For the first day, the day before it decides, which is not part of the list. */
function beginsOf(days: readonly DatedDay[], { number }: Period): readonly DatedDay[] {
  const numberOf = ({ date }: DatedDay, offset = 0) => number(new Date(Date.parse(date) + offset));
  const begins = days.filter((day, index) => {
    const before = days[index - 1];
    return numberOf(day) !== (before ? numberOf(before) : numberOf(day, -DAY_MS));
  });
  // An axis without any mark would show no date.
  return begins.length > 0 ? begins : days.slice(0, 1);
}

function tickOf({ dayIndex, date }: DatedDay, isFirst: boolean, { label }: Period): DayTick {
  const text = label(date);
  const year = date.slice(0, 4);
  return { dayIndex, label: isFirst && text !== year ? `${text} ${year}` : text };
}

function monthLabel(date: string): string {
  return date.slice(5, 7) === '01' ? date.slice(0, 4) : (formatDayMonth(date).split(' ')[1] ?? '');
}

/** Days of a week. */
const ROWS = 7;

/** A column of a short calendar isn't wider than this, in px at a text of 12 px. */
const WIDEST_COLUMN = 40;

/** Room for the names of weekdays, in px at a text of 12 px, where the calendar is wide enough for them. */
const GUTTER = 34;
const WIDE_ENOUGH = 500;

/** The calendar whose days a grid shows. */
export interface GridDays {
  readonly total: number;
  /** Weekday of the first day, 0 for Monday; null while it is unknown: then each column has seven days in their order. */
  readonly firstWeekday: number | null;
}

/** The room of the cells, in px, and the size of the small text. */
export interface GridRoom {
  readonly width: number;
  readonly height: number;
  readonly text: number;
}

export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** A calendar with a row for each weekday and a column for each week. */
export interface CalendarGrid {
  /** Where the cells begin; the names of weekdays are before it if it isn't 0. */
  readonly left: number;
  readonly columnWidth: number;
  readonly rowHeight: number;
  /** The cell of a day. */
  boxOf(dayIndex: number): Box;
  /** The day at a point; null beside the days. */
  dayAt(x: number, y: number): number | null;
}

/** Lays the days out: seven rows, and columns as wide as the room allows up to a limit. */
export function calendarGrid(
  { total, firstWeekday }: GridDays,
  { width, height, text }: GridRoom,
): CalendarGrid {
  const scale = text / 12;
  const isNamed = firstWeekday !== null && width >= WIDE_ENOUGH * scale;
  const left = isNamed ? GUTTER * scale : 0;
  const before = firstWeekday ?? 0;
  const weeks = Math.max(1, Math.ceil((before + total) / ROWS));
  const columnWidth = Math.min(WIDEST_COLUMN * scale, (width - left) / weeks);
  const rowHeight = height / ROWS;
  return {
    left,
    columnWidth,
    rowHeight,
    boxOf(dayIndex) {
      const [column, row] = [Math.floor((before + dayIndex) / ROWS), (before + dayIndex) % ROWS];
      return { x: left + column * columnWidth, y: row * rowHeight, width: columnWidth, height: rowHeight };
    },
    dayAt(x, y) {
      const column = Math.floor((x - left) / columnWidth);
      // The dates below the cells belong to the last row, so that a finger needn't be exact.
      const row = Math.max(0, Math.min(ROWS - 1, Math.floor(y / rowHeight)));
      const dayIndex = column * ROWS + row - before;
      return column >= 0 && dayIndex >= 0 && dayIndex < total ? dayIndex : null;
    },
  };
}

/** The weekday of a date, 0 for Monday. */
export function weekdayOf(date: string): number {
  return (new Date(date).getUTCDay() + 6) % ROWS;
}
