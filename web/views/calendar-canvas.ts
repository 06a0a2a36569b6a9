import type { DaySummary } from '../state/sums.ts';
import type { StockOutsByDay } from '../stream/stock-outs.ts';
import type { Box, CalendarGrid, DayTick } from './calendar.ts';
import { fitBitmap, resolveColours, smallText } from './theme.ts';
import { isPromotionDay } from './timeline-layout.ts';

const COLOURS = [
  'scale-low',
  'scale-high',
  'unknown',
  'to-come',
  'playhead',
  'accent',
  'panel',
  'edge',
  'bad',
  'ink-quiet',
] as const;

/** The colours and sizes of a calendar. */
export interface CalendarLook {
  readonly colours: Readonly<Record<(typeof COLOURS)[number], string>>;
  readonly font: string;
  /** Size of the text, in px. */
  readonly text: number;
  /** Height of the dates below the cells, in px. */
  readonly axisHeight: number;
}

/** Height of the dates below the cells in lines of small text. */
export const AXIS_LINES = 1.5;

/** Resolves colours and sizes. @param near The element whose theme and font the calendar takes. */
export function calendarLook(near: Element): CalendarLook {
  const { fontFamily } = getComputedStyle(near);
  const text = smallText();
  return {
    colours: resolveColours(near, COLOURS),
    font: `${text}px ${fontFamily}`,
    text,
    axisHeight: text * AXIS_LINES,
  };
}

export interface CalendarDrawing {
  readonly grid: CalendarGrid;
  readonly total: number;
  readonly days: ReadonlyMap<number, DaySummary>;
  readonly stockOuts: StockOutsByDay;
  /** The day whose figures are shown; -1 before the first. */
  readonly today: number;
  /** The day that was asked for; it is ahead of today while days are under way. */
  readonly requested: number;
  /** The day under the pointer, and the past day that is looked at; null if there is none. */
  readonly target: number | null;
  readonly viewed: number | null;
  readonly ticks: readonly DayTick[];
}

/** With narrower or lower cells their marks would hide them. */
const LEAST_FOR_MARKS = 5;

const TEXT_INDENT = 4;
const WEEKDAYS = [
  [0, 'Mon'],
  [2, 'Wed'],
  [4, 'Fri'],
] as const;

/** Draws the calendar, sharp on every screen. */
export function drawCalendar(canvas: HTMLCanvasElement, drawing: CalendarDrawing, look: CalendarLook): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const whole = fitBitmap(canvas, context);
  context.clearRect(0, 0, whole.width, whole.height);
  const { grid, total, target, viewed, today, requested } = drawing;
  const { colours } = look;
  drawCells(context, drawing, look);
  if (requested > today)
    drawBoundary(context, grid, requested, { colour: colours['ink-quiet'], dash: [2, 2] });
  for (const day of [viewed, target]) {
    if (day !== null && day < total) outline(context, grid.boxOf(day), colours);
  }
  if (today >= 0) {
    drawBoundary(context, grid, today, { colour: colours.panel, width: 4 });
    drawBoundary(context, grid, today, { colour: colours.playhead });
  }
  drawTexts(context, drawing, whole, look);
}

function drawCells(
  context: CanvasRenderingContext2D,
  { grid, total, days, stockOuts, requested }: CalendarDrawing,
  { colours }: CalendarLook,
): void {
  const greatest = Math.max(1, ...[...days.values()].map(({ netCents }) => netCents));
  const gap = grid.columnWidth >= 4 ? 1 : 0;
  const hasMarks = Math.min(grid.columnWidth, grid.rowHeight) >= LEAST_FOR_MARKS;
  for (let dayIndex = 0; dayIndex < total; dayIndex += 1) {
    const { x, y, ...size } = grid.boxOf(dayIndex);
    const [width, height] = [size.width - gap, size.height - 1];
    const day = days.get(dayIndex);
    context.fillStyle = colours[day ? 'scale-low' : dayIndex <= requested ? 'unknown' : 'to-come'];
    context.fillRect(x, y, width, height);
    if (!day) continue;
    // One scale from low to high: the dark end is blended over the light one in proportion to the revenue.
    context.globalAlpha = day.netCents / greatest;
    context.fillStyle = colours['scale-high'];
    context.fillRect(x, y, width, height);
    context.globalAlpha = 1;
    if (!hasMarks) continue;
    context.fillStyle = colours.panel;
    if (isPromotionDay(day)) context.fillRect(x + width - 3, y + 1, 2, 2);
    if ((stockOuts.get(dayIndex)?.sales ?? 0) === 0) continue;
    context.fillRect(x, y + height - 3, width, 1);
    context.fillStyle = colours.bad;
    context.fillRect(x, y + height - 2, width, 2);
  }
}

/** The line between a day and the next one: down on the right of its column to its row, and down on the left of the rest. */
function drawBoundary(
  context: CanvasRenderingContext2D,
  { boxOf, rowHeight }: CalendarGrid,
  dayIndex: number,
  { colour, width = 2, dash = [] }: { colour: string; width?: number; dash?: number[] },
): void {
  const box = boxOf(dayIndex);
  const right = box.x + box.width - 0.5;
  const bottom = box.y + box.height - 0.5;
  context.strokeStyle = colour;
  context.lineWidth = width;
  context.setLineDash(dash);
  context.beginPath();
  context.moveTo(right, 0);
  context.lineTo(right, bottom);
  if (bottom < 7 * rowHeight - 1) {
    context.lineTo(Math.max(1, box.x - 0.5), bottom);
    context.lineTo(Math.max(1, box.x - 0.5), 7 * rowHeight);
  }
  context.stroke();
  context.setLineDash([]);
}

function outline(
  context: CanvasRenderingContext2D,
  { x, y, width, height }: Box,
  colours: CalendarLook['colours'],
): void {
  // Never too narrow to be seen.
  const [wide, left] = [Math.max(width, 4), x - Math.max(0, 4 - width) / 2];
  for (const [colour, line] of [
    [colours.panel, 4],
    [colours.accent, 2],
  ] as const) {
    context.strokeStyle = colour;
    context.lineWidth = line;
    context.strokeRect(left, y, wide, height);
  }
}

/** Writes the names of weekdays, and dates to the right of the start of their weeks; skips one that would be cut off. */
function drawTexts(
  context: CanvasRenderingContext2D,
  { grid, ticks }: CalendarDrawing,
  { width, height }: { readonly width: number; readonly height: number },
  { colours, font, axisHeight }: CalendarLook,
): void {
  context.font = font;
  context.fillStyle = colours['ink-quiet'];
  context.textBaseline = 'middle';
  for (const [row, name] of grid.left > 0 ? WEEKDAYS : []) {
    context.fillText(name, 0, (row + 0.5) * grid.rowHeight);
  }
  context.textBaseline = 'bottom';
  let end = 0;
  for (const { dayIndex, label } of ticks) {
    const { x } = grid.boxOf(dayIndex);
    const textEnd = x + TEXT_INDENT + context.measureText(label).width;
    if (textEnd > width || x < end) continue;
    end = textEnd + TEXT_INDENT;
    context.fillStyle = colours.edge;
    context.fillRect(x, height - axisHeight + 2, 1, axisHeight - 2);
    context.fillStyle = colours['ink-quiet'];
    context.fillText(label, x + TEXT_INDENT, height);
  }
}
