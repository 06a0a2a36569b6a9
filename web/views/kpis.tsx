import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import type { ComponentChildren, RefObject } from 'preact';
import { useLayoutEffect, useRef } from 'preact/hooks';
import {
  type Change,
  formatAmount,
  formatChange,
  formatDate,
  formatDayMonth,
  formatDeviation,
  formatInteger,
  formatPoints,
  formatShare,
} from '../format.ts';
import {
  type Comparison,
  compareWithLastWeek,
  hasLossEstimate,
  isAnomaly,
  type KnownForecasts,
} from '../state/kept-forecasts.ts';
import { type DaySummary, discountShare, isComplete, ranked } from '../state/sums.ts';
import type { StockOuts } from '../stream/stock-outs.ts';
import { FORECAST_DAYS, useKeptForecasts } from './forecasts.ts';
import { prefersReducedMotion, useSelected } from './hooks.ts';
import type { Page } from './page.ts';

const COUNT_UP_MS = 250;

/** Digits that change more often (ms) can't be read, and each change is styled and laid out. */
const COUNT_EVERY_MS = 50;

/** A no-break space, which keeps the height of an empty line. */
const NO_TEXT = '\u00a0';

/** Digits of a figure that is too long for its panel at 1,280 px. */
const LONG_DIGITS = 7;

/** Number of earlier days that are drawn beside a figure. */
const SPARKLINE_DAYS = 30;

/** The key figures of the day that is looked at: the newest that has sales, or a past one. */
export function Kpis({ page }: { page: Page }) {
  const run = useSelected(page.store, (state) => state.run);
  const isRunning = useSelected(page.store, ({ status }) => status === null || status.is_running);
  const { day, breakdown } = page.looking.value;
  const newest = [...run.days.values()]
    .filter((each) => isComplete(each) && each.dayIndex <= (day?.dayIndex ?? 0))
    .slice(-SPARKLINE_DAYS);
  const spark = (measure: (day: DaySummary) => number) => sparklinePath(newest.map(measure));
  const compare = (measure: (day: DaySummary) => number) =>
    day && compareWithLastWeek(run.days, day, measure);
  const section = useRef<HTMLElement>(null);
  const judged = useJudgedDay(page, section);
  const soldOut = day && isComplete(day) ? (page.stockOuts.value.get(day.dayIndex) ?? null) : null;
  const top = day && ranked(breakdown.products, 'netCents')[0];
  return (
    // Before the first day the empty state takes its place.
    <section
      id="summary"
      ref={section}
      class="summary"
      aria-labelledby="summary-title"
      hidden={day === null && !isRunning}
    >
      <h2 id="summary-title">{titleOf(day)}</h2>
      <dl class="kpis">
        <Kpi
          id="revenue"
          name="Net revenue"
          title="What customers paid: list price less the discount"
          note={day && changeNote(day, compare(netOf), netOf)}
          spark={spark(netOf)}
          text={day ? formatAmount(day.netCents) : ''}
        >
          <CountUp value={day?.netCents ?? null} of={day?.date ?? ''} format={formatAmount} />
        </Kpi>
        <Kpi
          id="units"
          name="Units"
          note={day && changeNote(day, compare(unitsOf), unitsOf)}
          spark={spark(unitsOf)}
          text={day ? formatInteger(day.units) : ''}
        >
          <CountUp value={day?.units ?? null} of={day?.date ?? ''} format={formatInteger} />
        </Kpi>
        <Kpi
          id="forecast"
          name="Vs forecast"
          title="Units sold against what was forecast on the evening before"
          note={judged && judgedNote(judged, day)}
        >
          {judged ? formatDeviation(judged.day.units, judged.forecast) : '–'}
        </Kpi>
        {!page.missing.value.has('discount') && (
          <Kpi
            id="discount"
            name="Discount given"
            title="Share of the revenue at list price"
            note={day && discountNote(day, compare(discountShare))}
            spark={spark(discountShare)}
          >
            {day ? formatShare(day.listCents - day.netCents, day.listCents) : '–'}
          </Kpi>
        )}
        {!page.missing.value.has('inventory_level') && (
          <Kpi
            id="sold-out"
            name="Sold out"
            title="Sales that took all of the stock, and the units that could have been sold beyond it, estimated by the same weekday of four weeks"
            note={
              soldOut && {
                text: (
                  <SoldOutText {...soldOut} isLossKnown={day !== null && hasLossEstimate(run.days, day)} />
                ),
              }
            }
          >
            {soldOut ? formatInteger(soldOut.sales) : '–'}
          </Kpi>
        )}
        <Kpi
          id="events"
          name="Sales"
          note={day && { text: isComplete(day) ? 'all stored' : 'arriving' }}
          text={day ? `${formatInteger(day.total)} / ${formatInteger(day.total)}` : ''}
        >
          {day ? `${formatInteger(day.events)} / ${formatInteger(day.total)}` : '–'}
        </Kpi>
        <Kpi
          id="product"
          name="Best product"
          note={top && { text: `${formatAmount(top.netCents)} net` }}
          isText
        >
          {top?.key ?? '–'}
        </Kpi>
      </dl>
    </section>
  );
}

function SoldOutText({ sales, lostUnits, isLossKnown }: StockOuts & { readonly isLossKnown: boolean }) {
  if (sales === 0) return 'none ran out';
  if (!isLossKnown) return 'loss unknown';
  const lost = Math.round(lostUnits);
  if (lost === 0) return 'no units lost';
  return (
    <>
      ≈ {formatInteger(lost)}
      <span class="roomy"> {lost === 1 ? 'unit' : 'units'}</span> lost
    </>
  );
}

const netOf = ({ netCents }: DaySummary) => netCents;
const unitsOf = ({ units }: DaySummary) => units;

/** A complete day whose units can be held against their forecast. */
interface JudgedDay {
  readonly day: DaySummary;
  readonly forecast: number;
  readonly isAnomaly: boolean;
}

/** The day that is looked at; while days pass faster than their forecasts are read, the newest before it for which they are known. */
function useJudgedDay(page: Page, section: RefObject<Element | null>): JudgedDay | null {
  const { state } = page.store;
  const wanted = useComputed(() => {
    const { status } = state.value;
    const dayIndex = page.looking.value.day?.dayIndex;
    if (!status || status.run_id === null || dayIndex === undefined) return null;
    // Of the next day too: then its figure is there as soon as its sales are.
    const to = Math.min(dayIndex + 1, status.day_index + 1, status.total_days - 1);
    // The days that the chart shows at first, so that it has nothing left to read.
    return { runId: status.run_id, storeId: null, from: Math.max(0, dayIndex - FORECAST_DAYS + 1), to };
  });
  const known = useKeptForecasts(page, section, wanted).value;
  const { day, isPast } = page.looking.value;
  if (!known || !day || known.runId !== state.value.status?.run_id) return null;
  return judgedDay(
    known,
    state.value.run.days,
    isPast ? [day.dayIndex] : [...known.days.keys()],
    day.dayIndex,
  );
}

/** The newest of some days, not after a day, that is complete and has a forecast; null if there is none. */
export function judgedDay(
  known: Pick<KnownForecasts, 'days'>,
  days: ReadonlyMap<number, DaySummary>,
  indexes: readonly number[],
  upTo: number,
): JudgedDay | null {
  for (const index of indexes.toSorted((one, other) => other - one)) {
    const [day, kept] = [days.get(index), known.days.get(index)];
    if (index > upTo || !day || !isComplete(day) || kept?.forecast_units == null) continue;
    return { day, forecast: kept.forecast_units, isAnomaly: isAnomaly(kept, day.units) };
  }
  return null;
}

/** Coloured only if the day is outside the 95 % interval; names the day if it isn't the one that is shown. */
function judgedNote({ day, forecast, isAnomaly: isFar }: JudgedDay, shown: DaySummary | null): Note {
  const text = formatInteger(forecast);
  const isShown = day.dayIndex === shown?.dayIndex;
  return {
    // The day takes the room of the word, which the name of the figure says, too.
    ...(isShown ? { text, more: ' forecast' } : { text: `${formatDayMonth(day.date)}: ${text}` }),
    spoken: isFar ? ', outside the 95 % interval' : '',
    trend: !isFar ? 'flat' : day.units > forecast ? 'up' : 'down',
  };
}

/** The day is always named: while the pipeline lags, it differs from the one in the header. */
function titleOf(day: DaySummary | null): string {
  if (!day) return 'Day summary';
  return `Day summary · ${formatDate(day.date)}, day ${formatInteger(day.dayIndex + 1)}`;
}

/** The text below a figure. */
interface Note {
  readonly text: ComponentChildren;
  /** Only shown where there is room. */
  readonly more?: string;
  /** Only for screen readers. */
  readonly spoken?: string;
  readonly trend?: Change['trend'];
}

/** The change since the same weekday a week earlier; coloured only if the day is unusual. */
function changeNote(
  day: DaySummary,
  comparison: Comparison | null,
  measure: (day: DaySummary) => number,
): Note | null {
  const change = comparison && formatChange(measure(day), measure(comparison.before));
  return change && noteOf(change, comparison);
}

function discountNote(day: DaySummary, comparison: Comparison | null): Note {
  if (!comparison) return { text: `${formatAmount(day.listCents - day.netCents)} off`, more: ' list price' };
  return noteOf(formatPoints(discountShare(day), discountShare(comparison.before)), comparison);
}

function noteOf({ text, trend }: Change, { before, isUnusual }: Comparison): Note {
  const weekday = formatDate(before.date).slice(0, 3);
  const more = trend === 'flat' ? ` as last ${weekday}` : ` vs last ${weekday}`;
  return { text, more, trend: isUnusual ? trend : 'flat' };
}

interface KpiProps {
  readonly id: string;
  readonly name: string;
  /** What the figure measures, shown to a person who points at it. */
  readonly title?: string;
  readonly note: Note | null | undefined;
  /** Path of the sparkline; empty for none. */
  readonly spark?: string;
  readonly isText?: boolean;
  /** The figure as it will be shown: one of many digits is set smaller, not cut. */
  readonly text?: string;
  readonly children: ComponentChildren;
}

function Kpi({ id, name, title, note, spark, isText = false, text = '', children }: KpiProps) {
  const isLong = text.replaceAll(/\D/g, '').length >= LONG_DIGITS;
  return (
    <div class="panel kpi" title={title}>
      <dt>{name}</dt>
      <dd>
        <b id={`kpi-${id}`} class={isText ? '' : 'number'} data-long={isLong}>
          {children}
        </b>
        <span id={`kpi-${id}-note`} class="note" data-trend={note?.trend ?? 'flat'}>
          {note?.text ?? NO_TEXT}
          <span class="roomy">{note?.more}</span>
          <span class="visually-hidden">{note?.spoken}</span>
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
  /** Identifies what the figure is about: a figure about something else is shown at once. */
  readonly of: string;
  format(value: number): string;
}

/** A number that counts up to its new value, or just changes if reduced motion is preferred. */
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
    const timer = setInterval(() => {
      const part = Math.min(1, (performance.now() - begin) / COUNT_UP_MS);
      show(part === 1 ? value : from + (value - from) * part);
      if (part === 1) clearInterval(timer);
    }, COUNT_EVERY_MS);
    return () => clearInterval(timer);
  }, [value, of]);
  return text;
}

/** With fewer values there is no trend to see. */
const LEAST_VALUES = 5;

/** The SVG path of a line through values, from zero to the greatest, in a box of 100 × 100; empty if there are too few. */
export function sparklinePath(values: readonly number[]): string {
  const greatest = Math.max(...values);
  if (values.length < LEAST_VALUES || greatest <= 0) return '';
  const points = values.map((value, index) => {
    const [x, y] = [(index / (values.length - 1)) * 100, (1 - value / greatest) * 100];
    return `${x.toFixed(1)} ${y.toFixed(1)}`;
  });
  return `M${points.join('L')}`;
}
