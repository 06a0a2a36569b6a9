import { useComputed, useSignal, useSignalEffect } from '@preact/signals';
import { useMemo } from 'preact/hooks';
import { type DayRange, windowOf } from '../state/day-range.ts';
import { isComplete } from '../state/sums.ts';
import type { Page } from '../views/page.ts';
import { Brush } from './brush.tsx';
import { ChartBox, ChartKey } from './chart.tsx';
import { daysChart, daysView } from './days-chart.ts';

const FIRST_RANGE: DayRange = { kind: 'last', days: 90 };

const KEY = [
  ['line-sold', 'net revenue, bold: mean of 7 days'],
  ['line-average', 'a year earlier'],
  ['mark-promotion', 'promotion day'],
] as const;

const PRESETS = [
  { text: '30 days', days: 30 },
  { text: '90', days: 90 },
  { text: '365', days: 365 },
  { text: 'All', days: Number.POSITIVE_INFINITY },
] as const;

/** Net revenue of the last 90 days, or of those that are chosen. */
export function Days({ page: { store } }: { page: Page }) {
  const range = useSignal(FIRST_RANGE);
  const days = useComputed(() => store.state.value.run.days);
  const complete = useComputed(() =>
    [...days.value.values()].filter(isComplete).toSorted((one, other) => one.dayIndex - other.dayIndex),
  );
  const last = useComputed(() => complete.value.at(-1)?.dayIndex ?? -1);
  const view = useComputed(() => {
    const { from, to } = windowOf(range.value, Math.max(0, last.value));
    const shown = complete.value.filter(({ dayIndex }) => dayIndex >= from && dayIndex <= to);
    return shown.length > 0 ? daysView(shown, days.value) : null;
  });
  const definition = useMemo(daysChart, []);
  useSignalEffect(() => {
    // A fixed range of one run is meaningless in the next.
    if (days.value.size === 0 && range.peek().kind === 'fixed') range.value = FIRST_RANGE;
  });
  const choose = (next: DayRange) => {
    range.value = next;
  };
  return (
    <>
      <div class="head">
        <h2 id="days-title">Net revenue by day</h2>
        <Presets range={range.value} choose={choose} />
      </div>
      <ChartKey entries={KEY} />
      <ChartBox id="days-chart" definition={definition} view={view.value} />
      <Brush days={days.value} last={last.value} range={range.value} choose={choose} />
    </>
  );
}

function Presets({ range, choose }: { range: DayRange; choose(range: DayRange): void }) {
  return (
    <fieldset class="segments">
      <legend class="visually-hidden">Days shown</legend>
      {PRESETS.map(({ text, days }) => (
        <label key={text}>
          <input
            type="radio"
            name="range"
            checked={range.kind === 'last' && range.days === days}
            onChange={() => choose({ kind: 'last', days })}
          />
          {text}
        </label>
      ))}
    </fieldset>
  );
}
