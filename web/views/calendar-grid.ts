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
