import type { TargetedKeyboardEvent, TargetedPointerEvent } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { formatDate } from '../format.ts';
import type { DaySummary } from '../state/sums.ts';
import { themeChanges, useResizes } from '../views/hooks.ts';
import { fitBitmap, resolveColours } from '../views/theme.ts';
import { dayAt, dayByKey, type TimelineColumn, timelineColumns } from '../views/timeline-layout.ts';

/** With fewer days there is no range to choose. */
const LEAST_DAYS = 8;

interface BrushProps {
  readonly days: ReadonlyMap<number, DaySummary>;
  /** The last complete day; -1 before the first. */
  readonly last: number;
  readonly range: DayRange;
  choose(range: DayRange): void;
}

/** A window on all days of the run: it can be moved, resized at either end, or drawn somewhere else. */
export function Brush({ days, last, range, choose }: BrushProps) {
  const brush = useRef<HTMLDivElement>(null);
  const canvas = useRef<HTMLCanvasElement>(null);
  const drag = useRef<{ grip: Grip; begin: number; window: DayWindow } | null>(null);
  const theme = themeChanges().value;
  const size = useResizes(brush).value;
  const total = last + 1;
  const window = windowOf(range, Math.max(0, last));

  useEffect(() => {
    if (!canvas.current || total === 0) return;
    const columns = timelineColumns({ total, today: last, days }, canvas.current.clientWidth);
    drawColumns(canvas.current, columns);
  }, [days, last, theme, size]);

  function apply(grip: Grip, from: DayWindow, begin: number, at: number): void {
    choose(rangeOf(draggedWindow(grip, from, begin, at, last), last));
  }

  function dayUnder({ clientX, currentTarget }: TargetedPointerEvent<HTMLElement>): number {
    const { left, width } = currentTarget.getBoundingClientRect();
    return dayAt((clientX - left) / width, total);
  }

  function grab(event: TargetedPointerEvent<HTMLElement>): void {
    if (last < 0) return;
    const grip = gripOf(event.target);
    // A window on everything can't be moved: a person who drags there wants a smaller one.
    const isEverything = window.to - window.from === last;
    drag.current = { grip: grip === 'whole' && isEverything ? 'new' : grip, begin: dayUnder(event), window };
    event.currentTarget.setPointerCapture(event.pointerId);
  }

  function pull(event: TargetedPointerEvent<HTMLElement>): void {
    const { current } = drag;
    if (current) apply(current.grip, current.window, current.begin, dayUnder(event));
  }

  function release(): void {
    drag.current = null;
  }

  function onKey(grip: 'from' | 'to', event: TargetedKeyboardEvent<HTMLElement>): void {
    const at = dayByKey(event.key, window[grip], last);
    if (last < 0 || at === null) return;
    event.preventDefault();
    const within = grip === 'from' ? Math.min(at, window.to) : Math.max(at, window.from);
    apply(grip, window, window[grip], within);
  }

  const place = {
    left: `${(window.from / total) * 100}%`,
    width: `${((window.to - window.from + 1) / total) * 100}%`,
  };
  return (
    <div
      id="brush"
      ref={brush}
      class="brush"
      data-is-empty={total < LEAST_DAYS}
      onPointerDown={grab}
      onPointerMove={pull}
      onPointerUp={release}
      onPointerCancel={release}
    >
      <canvas ref={canvas} aria-hidden="true" />
      <div id="brush-window" class="brush-window" style={total > 0 ? place : {}}>
        {(['from', 'to'] as const).map((grip) => (
          <span
            key={grip}
            id={`brush-${grip}`}
            role="slider"
            tabIndex={0}
            aria-label={grip === 'from' ? 'First day shown' : 'Last day shown'}
            aria-valuemin={1}
            aria-valuemax={Math.max(1, total)}
            aria-valuenow={window[grip] + 1}
            aria-valuetext={dayName(days, window[grip])}
            onKeyDown={(event) => onKey(grip, event)}
          />
        ))}
      </div>
    </div>
  );
}

function gripOf(target: EventTarget | null): Grip {
  if (!(target instanceof Element)) return 'new';
  if (target.id === 'brush-from') return 'from';
  if (target.id === 'brush-to') return 'to';
  return target.id === 'brush-window' ? 'whole' : 'new';
}

function dayName(days: BrushProps['days'], dayIndex: number): string {
  const day = days.get(dayIndex);
  return day ? formatDate(day.date) : `day ${dayIndex + 1}`;
}

/** Height of a day of unknown revenue, as a fraction of the brush's. */
const LOW = 0.14;

/** Draws a column for each day or several, sharp on every screen: as high and as dark as its revenue. */
function drawColumns(canvas: HTMLCanvasElement, columns: readonly TimelineColumn[]): void {
  const context = canvas.getContext('2d');
  if (!context) return;
  const colours = resolveColours(canvas, ['scale-low', 'scale-high', 'unknown', 'to-come']);
  const { width, height } = fitBitmap(canvas, context);
  context.clearRect(0, 0, width, height);
  for (const [index, { kind, height: part }] of columns.entries()) {
    const left = (index * width) / columns.length;
    const wide = width / columns.length;
    // Space between columns that are wide enough for it.
    const drawn = Math.max(0.5, wide - (wide >= 3 ? 1 : 0));
    const tall = (kind === 'known' ? Math.max(LOW, part) : LOW) * height;
    context.fillStyle =
      kind === 'known' ? colours['scale-low'] : colours[kind === 'played' ? 'unknown' : 'to-come'];
    context.fillRect(left, height - tall, drawn, tall);
    if (kind !== 'known') continue;
    // One scale from low to high: the dark end is blended over the light one in proportion to the revenue.
    context.globalAlpha = part;
    context.fillStyle = colours['scale-high'];
    context.fillRect(left, height - tall, drawn, tall);
    context.globalAlpha = 1;
  }
}

/** Which days a chart shows: the last ones, which follow the run, or fixed ones. Inclusive indexes. */
export type DayRange =
  | { readonly kind: 'last'; readonly days: number }
  | ({ readonly kind: 'fixed' } & DayWindow);

export interface DayWindow {
  readonly from: number;
  readonly to: number;
}

/** The days of a range. @param last The last day there is, at least 0. */
export function windowOf(range: DayRange, last: number): DayWindow {
  if (range.kind === 'last') return { from: Math.max(0, last - range.days + 1), to: last };
  const to = Math.min(last, range.to);
  return { from: Math.min(range.from, to), to };
}

/** The part of a window that is dragged. */
export type Grip = 'from' | 'to' | 'whole' | 'new';

/**
 * The window after a part of it was dragged from one day to another. It stays within the days there are, and keeps its
 * length if it is moved as a whole.
 */
export function draggedWindow(
  grip: Grip,
  { from, to }: DayWindow,
  begin: number,
  at: number,
  last: number,
): DayWindow {
  const within = (day: number) => Math.max(0, Math.min(last, day));
  if (grip === 'whole') {
    const shift = Math.max(-from, Math.min(last - to, at - begin));
    return { from: from + shift, to: to + shift };
  }
  const fixed = grip === 'new' ? begin : grip === 'from' ? to : from;
  const [start = 0, end = 0] = [within(fixed), within(at)].toSorted((one, other) => one - other);
  return { from: start, to: end };
}

/** The range of a chosen window: one that ends at the last day follows the run. */
export function rangeOf({ from, to }: DayWindow, last: number): DayRange {
  return to >= last ? { kind: 'last', days: to - from + 1 } : { kind: 'fixed', from, to };
}
