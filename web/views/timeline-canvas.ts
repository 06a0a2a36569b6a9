import type { DayTick } from './calendar.ts';
import { resolveColours, smallText } from './theme.ts';
import type { TimelineColumn } from './timeline-layout.ts';

const COLOURS = [
  'scale-low',
  'scale-high',
  'unknown',
  'to-come',
  'playhead',
  'accent',
  'panel',
  'edge',
  'ink-quiet',
] as const;

/** The colours and sizes of a timeline. */
export interface TimelineLook {
  readonly colours: Readonly<Record<(typeof COLOURS)[number], string>>;
  /** Font of the dates below it. */
  readonly font: string;
  /** Height of the dates, in px. */
  readonly axisHeight: number;
}

/** Height of a day that is ahead or of unknown revenue, as a fraction of the timeline's. */
const LOW = 0.14;

/** Space between the start of a period and its label, in px. */
const TEXT_INDENT = 4;

/** The colours and sizes of a timeline in the current theme. */
export function timelineLook(near: Element): TimelineLook {
  const { fontFamily } = getComputedStyle(near);
  const size = smallText();
  return { colours: resolveColours(near, COLOURS), font: `${size}px ${fontFamily}`, axisHeight: size * 1.5 };
}

export interface TimelineDrawing {
  readonly columns: readonly TimelineColumn[];
  readonly totalDays: number;
  /** The current day; -1 before the first. */
  readonly today: number;
  /** The day under the pointer; null if there is none. */
  readonly target: number | null;
  /** The past day that is looked at; null if there is none. */
  readonly viewed: number | null;
  /** Labels below the columns; with null, the columns use the full height. */
  readonly ticks: readonly DayTick[] | null;
}

/** Draws the timeline on a canvas, sharp on every screen. */
export function drawTimeline(canvas: HTMLCanvasElement, drawing: TimelineDrawing, look: TimelineLook): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { colours } = look;
  const whole = fitBitmap(canvas, context);
  const { width } = whole;
  const height = whole.height - (drawing.ticks ? look.axisHeight : 0);
  context.clearRect(0, 0, width, whole.height);
  drawing.columns.forEach((column, index) => {
    const left = (index * width) / drawing.columns.length;
    const right = ((index + 1) * width) / drawing.columns.length;
    drawColumn(context, column, left, Math.max(0.5, right - left - gap(right - left)), height, colours);
  });
  const dayWidth = width / drawing.totalDays;
  if (drawing.target !== null) {
    drawMark(context, (drawing.target + 0.5) * dayWidth, { width, height }, colours.accent, colours.panel);
  }
  if (drawing.viewed !== null) {
    drawMark(context, (drawing.viewed + 0.5) * dayWidth, { width, height }, colours.accent, colours.panel);
  }
  // At the end of the current day: everything to the left of it has happened.
  if (drawing.today >= 0) {
    drawMark(context, (drawing.today + 1) * dayWidth, { width, height }, colours.playhead, colours.panel);
  }
  if (drawing.ticks) drawDates(context, drawing.ticks, dayWidth, whole, look);
}

interface Size {
  readonly width: number;
  readonly height: number;
}

/** Matches the bitmap to the pixels of the screen; sizes are then in CSS pixels. */
export function fitBitmap(canvas: HTMLCanvasElement, context: CanvasRenderingContext2D): Size {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return { width, height };
}

/** Space between columns that are wide enough for it. */
function gap(columnWidth: number): number {
  return columnWidth >= 3 ? 1 : 0;
}

function drawColumn(
  context: CanvasRenderingContext2D,
  { kind, height: part }: TimelineColumn,
  left: number,
  width: number,
  height: number,
  colours: TimelineLook['colours'],
): void {
  const tall = kind === 'known' ? Math.max(LOW, part) * height : LOW * height;
  context.fillStyle =
    kind === 'known' ? colours['scale-low'] : colours[kind === 'played' ? 'unknown' : 'to-come'];
  context.fillRect(left, height - tall, width, tall);
  if (kind !== 'known') return;
  // One scale from low to high: the dark end is blended over the light one in proportion to the revenue.
  context.globalAlpha = part;
  context.fillStyle = colours['scale-high'];
  context.fillRect(left, height - tall, width, tall);
  context.globalAlpha = 1;
}

function drawMark(
  context: CanvasRenderingContext2D,
  at: number,
  { width, height }: Size,
  colour: string,
  ground: string,
): void {
  const x = Math.min(width - 2, Math.max(0, at - 1));
  // A margin on both sides keeps it visible on columns of any shade.
  context.fillStyle = ground;
  context.fillRect(x - 1, 0, 4, height);
  context.fillStyle = colour;
  context.fillRect(x, 0, 2, height);
}

/** Writes labels to the right of the start of their periods; skips one that would be cut off. */
function drawDates(
  context: CanvasRenderingContext2D,
  ticks: readonly DayTick[],
  dayWidth: number,
  { width, height }: Size,
  { colours, font, axisHeight }: TimelineLook,
): void {
  context.font = font;
  context.textBaseline = 'bottom';
  for (const { dayIndex, label } of ticks) {
    const x = dayIndex * dayWidth;
    if (x + TEXT_INDENT + context.measureText(label).width > width) continue;
    context.fillStyle = colours.edge;
    context.fillRect(x, height - axisHeight + 2, 1, axisHeight - 2);
    context.fillStyle = colours['ink-quiet'];
    context.fillText(label, x + TEXT_INDENT, height);
  }
}
