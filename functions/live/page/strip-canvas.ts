import type { StripColumn } from './strip-layout.ts';
import { resolveColours } from './theme.ts';

const COLOURS = ['scale-low', 'scale-high', 'unknown', 'to-come', 'playhead', 'accent'] as const;
export type StripColours = Readonly<Record<(typeof COLOURS)[number], string>>;

/** Height of a day that is yet to come or of unknown revenue, as a part of the strip's. */
const LOW = 0.14;

/** The colours of the strip in the current theme. */
export function stripColours(near: Element): StripColours {
  return resolveColours(near, COLOURS);
}

export interface StripDrawing {
  readonly columns: readonly StripColumn[];
  readonly totalDays: number;
  /** The day that stands under the playhead; -1 before the first. */
  readonly today: number;
  /** The day that is pointed at; null if none is. */
  readonly target: number | null;
}

/** Draws the strip on a canvas, sharp on every screen. */
export function drawStrip(canvas: HTMLCanvasElement, drawing: StripDrawing, colours: StripColours): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const { width, height } = fitBitmap(canvas, context);
  context.clearRect(0, 0, width, height);
  drawing.columns.forEach((column, index) => {
    const left = (index * width) / drawing.columns.length;
    const right = ((index + 1) * width) / drawing.columns.length;
    drawColumn(context, column, left, Math.max(0.5, right - left - gap(right - left)), height, colours);
  });
  if (drawing.target !== null)
    drawMark(context, drawing.target, drawing.totalDays, width, height, colours.accent);
  if (drawing.today >= 0)
    drawMark(context, drawing.today, drawing.totalDays, width, height, colours.playhead);
}

/** Matches the bitmap to the pixels of the screen; sizes are then in CSS pixels. */
function fitBitmap(
  canvas: HTMLCanvasElement,
  context: CanvasRenderingContext2D,
): { width: number; height: number } {
  const { clientWidth: width, clientHeight: height } = canvas;
  const scale = devicePixelRatio;
  if (canvas.width !== Math.round(width * scale)) canvas.width = Math.round(width * scale);
  if (canvas.height !== Math.round(height * scale)) canvas.height = Math.round(height * scale);
  context.setTransform(scale, 0, 0, scale, 0, 0);
  return { width, height };
}

/** Space between columns, where they are broad enough to be told apart. */
function gap(columnWidth: number): number {
  return columnWidth >= 3 ? 1 : 0;
}

function drawColumn(
  context: CanvasRenderingContext2D,
  { kind, height: part }: StripColumn,
  left: number,
  width: number,
  height: number,
  colours: StripColours,
): void {
  const tall = kind === 'known' ? Math.max(LOW, part) * height : LOW * height;
  context.fillStyle =
    kind === 'known' ? colours['scale-low'] : colours[kind === 'played' ? 'unknown' : 'to-come'];
  context.fillRect(left, height - tall, width, tall);
  if (kind !== 'known') return;
  // One scale from low to high: the dark end laid over the light one, the more the greater the revenue.
  context.globalAlpha = part;
  context.fillStyle = colours['scale-high'];
  context.fillRect(left, height - tall, width, tall);
  context.globalAlpha = 1;
}

function drawMark(
  context: CanvasRenderingContext2D,
  dayIndex: number,
  totalDays: number,
  width: number,
  height: number,
  colour: string,
): void {
  const x = Math.min(width - 2, Math.max(0, ((dayIndex + 0.5) * width) / totalDays - 1));
  context.fillStyle = colour;
  context.fillRect(x, 0, 2, height);
}
