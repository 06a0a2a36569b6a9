import {
  type Change,
  formatAmount,
  formatChange,
  formatDate,
  formatInteger,
  formatPoints,
  formatShare,
} from '../format.ts';
import { type PageState, type Run, shownDay } from '../state/state.ts';
import { type Breakdown, type DaySummary, isComplete, ranked } from '../state/sums.ts';
import { byId, element, prefersLessMotion, setText } from './dom.ts';

/** Draws the key figures of the newest day that has sales. */
export function createSummaryView(): (state: PageState) => void {
  const section = byId('summary', HTMLElement);
  const title = byId('summary-title', HTMLElement);
  const figures = createFigures(section);
  const drawSparklines = createSparklines();
  let drawn: PageState['run'] | null = null;
  let shownDate = '';

  return (state) => {
    const { run, status } = state;
    const day = shownDay(state);
    // Before the first day the empty state stands in its place.
    section.hidden = day === null && status !== null && !status.is_running;
    if (run === drawn) return;
    drawn = run;
    setText(title, titleOf(day));
    drawSparklines(run);
    if (day === null) {
      shownDate = '';
      return figures.clear();
    }
    figures.show({
      day,
      before: run.days.get(day.dayIndex - 1) ?? null,
      breakdown: run.newestDays.get(day.dayIndex),
      breakdownBefore: run.newestDays.get(day.dayIndex - 1),
      isOtherDay: day.date !== shownDate,
    });
    shownDate = day.date;
  };
}

/** The day is always named: while the pipeline has yet to come up with the one in the bar, it is another. */
function titleOf(day: DaySummary | null): string {
  if (!day) return 'Day summary';
  const { date, dayIndex } = day;
  return `Day summary · ${formatDate(date)}, day ${formatInteger(dayIndex + 1)}`;
}

/** A day and the one to compare it with. */
interface DayFigures {
  readonly day: DaySummary;
  readonly before: DaySummary | null;
  readonly breakdown: Breakdown | undefined;
  readonly breakdownBefore: Breakdown | undefined;
  readonly isOtherDay: boolean;
}

function createFigures(section: HTMLElement): { show(figures: DayFigures): void; clear(): void } {
  const revenue = createCounter(byId('kpi-revenue', HTMLElement), formatAmount);
  const units = createCounter(byId('kpi-units', HTMLElement), formatInteger);

  function show({ day, before, breakdown, breakdownBefore, isOtherDay }: DayFigures): void {
    // A day that is still coming in can't be compared with a whole one.
    const compared = before && isComplete(before) && isComplete(day) ? before : null;
    revenue.show(day.revenueCents, isOtherDay);
    units.show(day.units, isOtherDay);
    showChange('kpi-revenue-note', compared && formatChange(day.revenueCents, compared.revenueCents));
    showChange('kpi-units-note', compared && formatChange(day.units, compared.units));
    setText(byId('kpi-events', HTMLElement), `${formatInteger(day.events)} / ${formatInteger(day.total)}`);
    showEventsNote(day, compared);
    setText(byId('kpi-promotions', HTMLElement), formatShare(day.promoted, day.events));
    const points = compared && formatPoints(day.promoted / day.events, compared.promoted / compared.events);
    showChange('kpi-promotions-note', points);
    showTopProduct(breakdown, breakdownBefore);
  }

  function clear(): void {
    for (const counter of [revenue, units]) counter.clear();
    for (const id of ['kpi-events', 'kpi-promotions', 'kpi-product']) setText(byId(id, HTMLElement), '–');
    for (const note of section.querySelectorAll<HTMLElement>('.note')) showNote(note, '\u00a0', '');
  }
  return { show, clear };
}

function showEventsNote(day: DaySummary, compared: DaySummary | null): void {
  const change = compared && formatChange(day.events, compared.events);
  if (change) showChange('kpi-events-note', change);
  else showNote(byId('kpi-events-note', HTMLElement), isComplete(day) ? 'all stored' : 'coming in', '');
}

function showTopProduct(breakdown: Breakdown | undefined, before: Breakdown | undefined): void {
  const [top] = ranked(breakdown?.products ?? new Map(), 'units');
  const [topBefore] = ranked(before?.products ?? new Map(), 'units');
  setText(byId('kpi-product', HTMLElement), top?.key ?? '–');
  const units = top ? `${formatInteger(top.units)} units` : '\u00a0';
  const other = topBefore && topBefore.key !== top?.key ? ` · ${topBefore.key} before` : '';
  showNote(byId('kpi-product-note', HTMLElement), units, other);
}

function showChange(id: string, change: Change | null): void {
  const note = byId(id, HTMLElement);
  const isCompared = change !== null && change.trend !== 'flat';
  showNote(note, change?.text ?? '\u00a0', isCompared ? ' day on day' : '');
  note.dataset.trend = change?.trend ?? 'flat';
}

/** Shows a text, and more where there is room for it. */
function showNote(note: HTMLElement, text: string, more: string): void {
  if (note.textContent === text + more) return;
  note.replaceChildren(text, element('span', { class: 'roomy' }, more));
}

const DURATION_MS = 250;

/** A number on the page that counts up to its new value; where little motion is wanted it just changes. */
export interface Counter {
  /** @param jump Shows the value at once, as for another day's. */
  show(value: number, jump: boolean): void;
  /** Shows that there is none. */
  clear(): void;
}

export function createCounter(element: Element, format: (value: number) => string): Counter {
  let shown = 0;
  let target = 0;
  let frame = 0;

  function step(from: number, begin: number, now: number): void {
    const part = Math.min(1, (now - begin) / DURATION_MS);
    shown = from + (target - from) * part;
    setText(element, format(part === 1 ? target : shown));
    if (part < 1) frame = requestAnimationFrame((next) => step(from, begin, next));
  }

  return {
    show: (value, jump) => {
      if (value === target && !jump) return;
      target = value;
      cancelAnimationFrame(frame);
      if (!jump && !prefersLessMotion() && document.visibilityState === 'visible') {
        return step(shown, performance.now(), performance.now());
      }
      shown = value;
      setText(element, format(value));
    },
    clear: () => {
      cancelAnimationFrame(frame);
      setText(element, '–');
    },
  };
}

/** So many days before the shown one say how it stands among them. */
const DAYS = 30;

/** With fewer there is nothing to see. */
const LEAST_DAYS = 5;

/** A line through values, from zero to the greatest, in a box of 100 × 100; empty with a handful of them. */
export function sparklinePath(values: readonly number[]): string {
  const greatest = Math.max(...values);
  if (values.length < LEAST_DAYS || greatest <= 0) return '';
  const points = values.map((value, index) => {
    const [x, y] = [(index / (values.length - 1)) * 100, (1 - value / greatest) * 100];
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join('L')}`;
}

/** Draws the newest days beside the figures of the last of them. */
export function createSparklines(): (run: Run) => void {
  const lines: readonly (readonly [SVGPathElement, (day: DaySummary) => number])[] = [
    [byId('spark-revenue', SVGPathElement), (day) => day.revenueCents],
    [byId('spark-units', SVGPathElement), (day) => day.units],
    [byId('spark-promotions', SVGPathElement), (day) => day.promoted / day.events],
  ];

  return ({ days }) => {
    const newest = [...days.values()].filter(isComplete).slice(-DAYS);
    for (const [path, measure] of lines) path.setAttribute('d', sparklinePath(newest.map(measure)));
  };
}
