import { type ReadonlySignal, useComputed, useSignal, useSignalEffect } from '@preact/signals';
import type { RefObject } from 'preact';
import { useMemo, useRef } from 'preact/hooks';
import { operations } from '../../shared/api/operations.ts';
import type { ForecastAnswer } from '../answers.ts';
import { isTransient } from '../state/problem.ts';
import { runBreakdown } from '../state/state.ts';
import { type DaySummary, isComplete } from '../state/sums.ts';
import { addressOf } from '../stream/api.ts';
import { FORECAST_DAYS, useKeptForecasts } from '../views/forecasts.ts';
import { useReading } from '../views/hooks.ts';
import type { Page } from '../views/page.ts';
import { Brush, type DayRange, windowOf } from './brush.tsx';
import { ChartBox, ChartKey } from './chart.tsx';
import { daysChart } from './days-chart.ts';
import { daysView, type Outlook, YEAR } from './days-view.ts';

const FIRST_RANGE: DayRange = { kind: 'last', days: FORECAST_DAYS };

/** Days ahead that are forecast. */
const HORIZON = 14;

/** Days without which nothing is forecast. */
const LEAST_DAYS = 20;

/** Code of the refusal to forecast more products in stores than one request may cover. */
const TOO_MANY_PAIRS = 'invalid_request';

const NOTHING_KEPT = new Map<number, never>();

const KEY = [
  ['line-sold', 'sold, bold: mean of 7 days'],
  ['line-forecast', 'forecast the day before'],
  ['band-80', 'ahead, 80 and 95 %'],
  ['ring', 'outside 95 %'],
  ['line-average', 'a year earlier'],
] as const;
const KEY_OF_PROMOTIONS = ['strip-promotion', 'promotion'] as const;

const PRESETS = [
  { text: '30 days', days: 30 },
  { text: '90', days: 90 },
  { text: '365', days: 365 },
  { text: 'All', days: Number.POSITIVE_INFINITY },
] as const;

/** Units sold against what was forecast, of all stores or one, on the last 90 days or those that are chosen, and ahead. */
export function Days({ page }: { page: Page }) {
  const { state } = page.store;
  const chart = useRef<HTMLDivElement>(null);
  const range = useSignal(FIRST_RANGE);
  const runId = useComputed(() => state.value.status?.run_id ?? null);
  const storeId = useSignal<string | null>(null);
  const days = useComputed(() => state.value.run.days);
  const stores = useComputed(() => [...runBreakdown(state.value.run).stores.keys()].sort().join('\n'));
  const complete = useCompleteDays(page);
  const last = useComputed(() => complete.value.at(-1)?.dayIndex ?? -1);
  const past = useComputed(() => page.past.value?.dayIndex ?? null);
  const current = useComputed(() => past.value ?? last.value);
  const shown = useComputed(() => {
    const { from, to } = windowOf(range.value, Math.max(0, current.value));
    if (range.value.kind === 'fixed' || past.value === null) return { from, to };
    // What came after a past day stands beside what was forecast on it.
    return { from, to: Math.min(Math.max(last.value, to), to + HORIZON) };
  });
  const kept = useKeptForecasts(page, chart, useWanted(page, { shown, current, last, storeId }));
  const outlook = useOutlook(page, chart, current, storeId);
  const view = useComputed(() => {
    const { from, to } = shown.value;
    const daysShown = complete.value.filter(({ dayIndex }) => dayIndex >= from && dayIndex <= to);
    if (daysShown.length === 0) return null;
    const read = kept.value;
    const isOfThis = read?.storeId === storeId.value && read.runId === runId.value;
    const known = isOfThis ? read.days : NOTHING_KEPT;
    return daysView({
      days: daysShown,
      all: new Map(complete.value.map((day) => [day.dayIndex, day])),
      current: current.value,
      storeId: storeId.value,
      kept: known,
      outlook: outlook.value,
    });
  });
  const definition = useMemo(daysChart, []);
  useSignalEffect(() => {
    if (days.value.size > 0) return;
    // A fixed range of one run is meaningless in the next, and so is a store of another data set.
    if (range.peek().kind === 'fixed') range.value = FIRST_RANGE;
    storeId.value = null;
  });
  const choose = (next: DayRange) => {
    range.value = next;
  };
  const hasPromotions = useComputed(() => complete.value.some(({ promoted }) => promoted > 0)).value;
  return (
    <>
      <div class="head">
        <h2 id="days-title">Units by day, actual and forecast</h2>
        <StoreSelect stores={stores.value === '' ? [] : stores.value.split('\n')} storeId={storeId} />
        <Presets range={range.value} choose={choose} />
      </div>
      <ChartKey entries={hasPromotions ? [...KEY, KEY_OF_PROMOTIONS] : KEY} />
      <div class="hero" ref={chart}>
        <ChartBox
          id="days-chart"
          definition={definition}
          series={storeId.value ?? 'all stores'}
          view={view.value}
        />
        <p id="days-text" class="chart-text quiet">
          {view.value?.text}
        </p>
      </div>
      <Brush
        days={days.value}
        last={last.value}
        range={past.value === null ? range.value : { kind: 'fixed', ...shown.value }}
        choose={choose}
      />
    </>
  );
}

/** The complete days in chronological order; the same object until another one is complete. */
function useCompleteDays({ store }: Page): ReadonlySignal<readonly DaySummary[]> {
  const known = useRef<{ readonly key: string; readonly days: readonly DaySummary[] }>({ key: '', days: [] });
  return useComputed(() => {
    const { run } = store.state.value;
    const days = [...run.days.values()].filter(isComplete);
    const key = `${run.firstId} ${run.hasHistory} ${days.length}`;
    if (known.current.key !== key) {
      known.current = { key, days: days.toSorted((one, other) => one.dayIndex - other.dayIndex) };
    }
    return known.current.days;
  });
}

interface Shown {
  readonly shown: ReadonlySignal<{ readonly from: number; readonly to: number }>;
  readonly current: ReadonlySignal<number>;
  readonly last: ReadonlySignal<number>;
  readonly storeId: ReadonlySignal<string | null>;
}

/** The kept forecasts that the chart needs: of the days shown and the one after the current; of a store also a year back, for what it sold. */
function useWanted(page: Page, { shown, current, last, storeId }: Shown) {
  return useComputed(() => {
    const { status } = page.store.state.value;
    if (!status || status.run_id === null || last.value < 0) return null;
    const { from, to } = shown.value;
    return {
      runId: status.run_id,
      storeId: storeId.value,
      from: Math.max(0, storeId.value === null ? from : from - YEAR),
      to: Math.min(Math.max(to, current.value + 1), last.value + 1, status.total_days - 1),
    };
  });
}

/** The forecast of the days after the current one, made on it. */
function useOutlook(
  page: Page,
  near: RefObject<Element | null>,
  current: ReadonlySignal<number>,
  storeId: ReadonlySignal<string | null>,
): ReadonlySignal<Outlook | null> {
  const outlook = useSignal<Outlook | null>(null);
  const shownFor = useRef('');
  /** The run and store whose forecast the server refuses for good: the data set is too large. */
  const refused = useRef('');
  const wanted = useComputed(() => {
    const { status } = page.store.state.value;
    const day = current.value + 1;
    const isOver = status === null || day >= status.total_days;
    return isOver || day < LEAST_DAYS ? null : { runId: status.run_id, day, storeId: storeId.value };
  });
  useSignalEffect(() => {
    // What was forecast for another store, or in another run, says nothing.
    const { runId = '', storeId: store = null } = wanted.value ?? {};
    const subject = JSON.stringify([runId, store]);
    if (subject !== shownFor.current) outlook.value = null;
    shownFor.current = subject;
  });
  useReading(near, wanted, {
    async load({ runId, day, storeId: store }, signal) {
      const subject = JSON.stringify([runId, store]);
      if (refused.current === subject) return 'complete';
      const path = addressOf(operations.forecastDemand, {
        level: store === null ? 'all' : 'store',
        ...(store !== null && { store_id: store }),
        reconciliation: 'none',
        horizon: HORIZON,
        day,
      });
      const answer = await page.clicks.api.read<ForecastAnswer>(path, signal);
      if (signal.aborted || wanted.peek()?.runId !== runId || wanted.peek()?.storeId !== store)
        return 'complete';
      if ('problem' in answer) {
        if (isTransient(answer.problem)) return 'incomplete';
        // Anything else may concern this day alone, and the next one is asked about again.
        if (answer.problem.code === TOO_MANY_PAIRS) refused.current = subject;
        return 'complete';
      }
      outlook.value = { after: day - 1, steps: answer.body.forecast };
      return 'complete';
    },
    forget() {
      outlook.value = null;
    },
  });
  return outlook;
}

interface StoreSelectProps {
  readonly stores: readonly string[];
  readonly storeId: { value: string | null };
}

function StoreSelect({ stores, storeId }: StoreSelectProps) {
  return (
    <>
      <label class="visually-hidden" for="days-store">
        Store whose units are shown
      </label>
      <select
        id="days-store"
        value={storeId.value ?? ''}
        onChange={({ currentTarget }) => {
          storeId.value = currentTarget.value === '' ? null : currentTarget.value;
        }}
      >
        <option value="">All stores</option>
        {stores.map((store) => (
          <option key={store} value={store}>
            {store}
          </option>
        ))}
      </select>
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
