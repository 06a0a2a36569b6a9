import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import {
  type Change,
  formatAmount,
  formatChange,
  formatDate,
  formatInteger,
  formatPoints,
  formatShare,
} from '../format.ts';
import { type Run, shownDay } from '../state/state.ts';
import { type DaySummary, isComplete, ranked } from '../state/sums.ts';
import { prefersReducedMotion, useSelected } from './hooks.ts';
import type { Page } from './page.ts';
import { sparklinePath } from './sparkline.ts';

const COUNT_UP_MS = 250;

/** Keeps the height of a line without text. */
const NO_TEXT = '\u00a0';

/** Days before the shown one that are drawn beside a figure. */
const SPARKLINE_DAYS = 30;

/** The key figures of the newest day that has sales. */
export function Kpis({ page }: { page: Page }) {
  const run = useSelected(page.store, (state) => state.run);
  const isRunning = useSelected(page.store, ({ status }) => status === null || status.is_running);
  const day = shownDay({ run });
  const newest = [...run.days.values()].filter(isComplete).slice(-SPARKLINE_DAYS);
  const spark = (measure: (day: DaySummary) => number) => sparklinePath(newest.map(measure));
  // A day that is still coming in can't be compared with a complete one.
  const previous = day && run.days.get(day.dayIndex - 1);
  const compared = day && previous && isComplete(previous) && isComplete(day) ? previous : null;
  const top = topProducts(run, day);
  return (
    // Before the first day the empty state takes its place.
    <section id="summary" class="summary" aria-labelledby="summary-title" hidden={day === null && !isRunning}>
      <h2 id="summary-title">{titleOf(day)}</h2>
      <dl class="kpis">
        <Kpi
          id="revenue"
          name="Revenue"
          note={compared && day && changeNote(formatChange(day.revenueCents, compared.revenueCents))}
          spark={spark(({ revenueCents }) => revenueCents)}
        >
          <CountUp value={day?.revenueCents ?? null} of={day?.date ?? ''} format={formatAmount} />
        </Kpi>
        <Kpi
          id="units"
          name="Units"
          note={compared && day && changeNote(formatChange(day.units, compared.units))}
          spark={spark(({ units }) => units)}
        >
          <CountUp value={day?.units ?? null} of={day?.date ?? ''} format={formatInteger} />
        </Kpi>
        <Kpi id="events" name="Events" note={day && eventsNote(day, compared)}>
          {day ? `${formatInteger(day.events)} / ${formatInteger(day.total)}` : '–'}
        </Kpi>
        <Kpi
          id="promotions"
          name="Promo share"
          note={compared && day && changeNote(formatPoints(promoShare(day), promoShare(compared)))}
          spark={spark(promoShare)}
        >
          {day ? formatShare(day.promoted, day.events) : '–'}
        </Kpi>
        <Kpi id="product" name="Top product" note={top.note} isText>
          {top.key}
        </Kpi>
      </dl>
    </section>
  );
}

/** The day is always named: while the pipeline is behind, it is another one than in the bar. */
function titleOf(day: DaySummary | null): string {
  if (!day) return 'Day summary';
  return `Day summary · ${formatDate(day.date)}, day ${formatInteger(day.dayIndex + 1)}`;
}

const promoShare = ({ promoted, events }: DaySummary) => promoted / events;

/** What is said below a figure. */
interface Note {
  readonly text: string;
  /** Only shown where there is room. */
  readonly more?: string;
  readonly trend?: Change['trend'];
}

function changeNote(change: Change | null): Note | null {
  return change && { ...change, more: change.trend === 'flat' ? '' : ' day on day' };
}

function eventsNote(day: DaySummary, compared: DaySummary | null): Note {
  const change = compared && formatChange(day.events, compared.events);
  return changeNote(change) ?? { text: isComplete(day) ? 'all stored' : 'arriving' };
}

function topProducts({ newestDays }: Run, day: DaySummary | null): { key: string; note: Note | null } {
  const topOf = (dayIndex: number) => ranked(newestDays.get(dayIndex)?.products ?? new Map(), 'units')[0];
  const top = day ? topOf(day.dayIndex) : undefined;
  if (!day || !top) return { key: '–', note: null };
  const before = topOf(day.dayIndex - 1);
  const more = before && before.key !== top.key ? ` · ${before.key} before` : '';
  return { key: top.key, note: { text: `${formatInteger(top.units)} units`, more } };
}

interface KpiProps {
  readonly id: string;
  readonly name: string;
  readonly note: Note | null | undefined;
  /** Path of the days before; empty for none. */
  readonly spark?: string;
  readonly isText?: boolean;
  readonly children: ComponentChildren;
}

function Kpi({ id, name, note, spark, isText = false, children }: KpiProps) {
  return (
    <div class="panel kpi">
      <dt>{name}</dt>
      <dd>
        <b id={`kpi-${id}`} class={isText ? '' : 'number'}>
          {children}
        </b>
        <span id={`kpi-${id}-note`} class="note" data-trend={note?.trend ?? 'flat'}>
          {note?.text ?? NO_TEXT}
          <span class="roomy">{note?.more}</span>
        </span>
      </dd>
      {spark !== undefined && (
        <dd aria-hidden="true">
          <svg class="spark" viewBox="0 0 100 100" preserveAspectRatio="none" aria-hidden="true">
            <path id={`spark-${id}`} d={spark} vector-effect="non-scaling-stroke" />
          </svg>
        </dd>
      )}
    </div>
  );
}

interface CountUpProps {
  /** Null if there is no figure. */
  readonly value: number | null;
  /** What it is the figure of: another thing's figure is shown at once. */
  readonly of: string;
  format(value: number): string;
}

/** A number that counts up to its new value; where little motion is wanted it just changes. */
function CountUp({ value, of, format }: CountUpProps): ReadonlySignal<string> {
  const text = useSignal('–');
  const shown = useRef({ value: 0, of: '' });
  useLayoutEffect(() => {
    const from = shown.current.of === of ? shown.current.value : null;
    const show = (current: number) => {
      shown.current = { value: current, of };
      text.value = format(current);
    };
    if (value === null) {
      shown.current = { value: 0, of: '' };
      text.value = '–';
      return;
    }
    if (from === null || prefersReducedMotion() || document.visibilityState !== 'visible') return show(value);
    const begin = performance.now();
    let frame = requestAnimationFrame(function step(now) {
      const part = Math.min(1, Math.max(0, now - begin) / COUNT_UP_MS);
      show(part === 1 ? value : from + (value - from) * part);
      if (part < 1) frame = requestAnimationFrame(step);
    });
    return () => cancelAnimationFrame(frame);
  }, [value, of]);
  return text;
}
