import { formatDate } from '../format.ts';
import {
  type DayRange,
  type DayWindow,
  draggedWindow,
  type Grip,
  rangeOf,
  windowOf,
} from '../state/day-range.ts';
import type { PageState, Run } from '../state/state.ts';
import { type DaySummary, isComplete } from '../state/sums.ts';
import { byId } from '../views/dom.ts';
import { onThemeChange } from '../views/theme.ts';
import { drawTimeline, timelineLook } from '../views/timeline-canvas.ts';
import { dayAt, dayByKey, timelineColumns } from '../views/timeline-layout.ts';
import { createDaysChart, hasMeans } from './days-chart.ts';

const FIRST_RANGE: DayRange = { kind: 'last', days: 90 };

/** Draws revenue and units by day, of the last 90 days or as many as are asked for. */
export function createDaysView(): (state: PageState) => void {
  const drawChart = createDaysChart(byId('days-chart', HTMLElement));
  const means = byId('days-means', HTMLElement);
  const presets = byId('range', HTMLFieldSetElement);
  let range: DayRange = FIRST_RANGE;
  let days: Run['days'] = new Map();
  let whole: readonly DaySummary[] = [];

  function draw(): void {
    const last = whole.at(-1)?.dayIndex ?? -1;
    const { from, to } = windowOf(range, Math.max(0, last));
    const shown = whole.filter(({ dayIndex }) => dayIndex >= from && dayIndex <= to);
    drawChart(shown.length > 0 ? shown : null);
    means.hidden = !hasMeans(shown.length);
    drawBrush({ days, last, range });
    for (const input of presets.querySelectorAll('input')) input.checked = isPreset(input.value, range);
  }

  function choose(next: DayRange): void {
    range = next;
    draw();
  }
  const drawBrush = createBrushView(choose);
  presets.addEventListener('change', ({ target }) => {
    if (target instanceof HTMLInputElement) choose({ kind: 'last', days: daysOf(target.value) });
  });

  return ({ run }) => {
    if (run.days === days) return;
    days = run.days;
    // Certain days of a run that is over mean nothing in the next one.
    if (days.size === 0 && range.kind === 'fixed') range = FIRST_RANGE;
    whole = [...days.values()].filter(isComplete).toSorted((one, other) => one.dayIndex - other.dayIndex);
    draw();
  };
}

function daysOf(preset: string): number {
  return preset === 'all' ? Number.POSITIVE_INFINITY : Number(preset);
}

function isPreset(preset: string, range: DayRange): boolean {
  return range.kind === 'last' && range.days === daysOf(preset);
}

/** With fewer days there is nothing to choose from. */
const LEAST_DAYS = 8;

/** All days that have been played, and which of them are shown. */
export interface BrushView {
  readonly days: ReadonlyMap<number, DaySummary>;
  readonly last: number;
  readonly range: DayRange;
}

/** A window on all days of the run: it can be moved, made wider at either end, or drawn anew. */
export function createBrushView(choose: (range: DayRange) => void): (view: BrushView) => void {
  const brush = byId('brush', HTMLElement);
  const canvas = byId('brush-canvas', HTMLCanvasElement);
  const handles = { from: byId('brush-from', HTMLElement), to: byId('brush-to', HTMLElement) };
  let look = timelineLook(brush);
  let view: BrushView | null = null;
  let drag: { grip: Grip; begin: number; window: DayWindow } | null = null;

  function draw(): void {
    const total = (view?.last ?? -1) + 1;
    brush.dataset.isEmpty = String(total < LEAST_DAYS);
    if (!view || total === 0) return;
    const { from, to } = windowOf(view.range, view.last);
    const columns = timelineColumns({ total, today: view.last, days: view.days }, canvas.clientWidth);
    drawTimeline(canvas, { columns, totalDays: total, today: -1, target: null, ticks: null }, look);
    const element = byId('brush-window', HTMLElement);
    element.style.left = `${(from / total) * 100}%`;
    element.style.width = `${((to - from + 1) / total) * 100}%`;
    labelHandle(handles.from, from, view);
    labelHandle(handles.to, to, view);
  }

  function apply(grip: Grip, window: DayWindow, begin: number, at: number): void {
    if (view) choose(rangeOf(draggedWindow(grip, window, begin, at, view.last), view.last));
  }

  function dayOf({ clientX }: PointerEvent): number {
    const { left, width } = brush.getBoundingClientRect();
    return dayAt((clientX - left) / width, (view?.last ?? 0) + 1);
  }

  brush.addEventListener('pointerdown', (event) => {
    if (!view || view.last < 0) return;
    const window = windowOf(view.range, view.last);
    const grip = gripOf(event.target);
    // A window on everything can't be moved: whoever drags there wants a smaller one.
    const isEverything = window.to - window.from === view.last;
    drag = { grip: grip === 'whole' && isEverything ? 'new' : grip, begin: dayOf(event), window };
    brush.setPointerCapture(event.pointerId);
  });
  brush.addEventListener('pointermove', (event) => {
    if (drag) apply(drag.grip, drag.window, drag.begin, dayOf(event));
  });
  for (const end of ['pointerup', 'pointercancel'] as const) brush.addEventListener(end, () => (drag = null));
  for (const [grip, handle] of Object.entries(handles) as ['from' | 'to', HTMLElement][]) {
    handle.addEventListener('keydown', (event) => {
      if (!view) return;
      const window = windowOf(view.range, view.last);
      const at = dayByKey(event.key, window[grip], view.last);
      if (at === null) return;
      event.preventDefault();
      apply(
        grip,
        window,
        window[grip],
        grip === 'from' ? Math.min(at, window.to) : Math.max(at, window.from),
      );
    });
  }
  new ResizeObserver(draw).observe(brush);
  onThemeChange(() => {
    look = timelineLook(brush);
    draw();
  });

  draw();
  return (next) => {
    view = next;
    draw();
  };
}

function gripOf(target: EventTarget | null): Grip {
  if (!(target instanceof Element)) return 'new';
  if (target.id === 'brush-from') return 'from';
  if (target.id === 'brush-to') return 'to';
  return target.id === 'brush-window' ? 'whole' : 'new';
}

function labelHandle(handle: HTMLElement, dayIndex: number, { days, last }: BrushView): void {
  const day = days.get(dayIndex);
  handle.setAttribute('aria-valuemax', String(last + 1));
  handle.setAttribute('aria-valuenow', String(dayIndex + 1));
  handle.setAttribute('aria-valuetext', day ? formatDate(day.date) : `day ${dayIndex + 1}`);
}
