import { useComputed, useSignal } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { SummaryRow } from '../answers.ts';
import { formatCount, signedPercent } from '../format.ts';
import { isComplete } from '../state/sums.ts';
import { FEW_DAYS, type WeatherCell, type WeatherDay, weatherCells } from '../state/weather.ts';
import { ALL, type HeatCell, HeatTable } from '../views/heat-table.tsx';
import { useReading, useSelected } from '../views/hooks.ts';
import type { Page } from '../views/page.ts';

/** As many days as the API sums in one request without reading the whole run. */
const MOST_DAYS = 31;

const CAPTION = `Against the mean of the same weekday in the four weeks before, with the number of days; cells of fewer than ${FEW_DAYS} days may be chance.`;

/** Days without a usual, before which there is nothing to show. */
const FIRST_DAYS = 14;

/** What each weather sells against what its days usually sell. */
export function Climate({ page }: { page: Page }) {
  const caption = useRef<HTMLParagraphElement>(null);
  const days = useWeatherDays(page, caption);
  const { missing } = page;
  const isLoading =
    useSelected(page.store, ({ run }) => run.days.size > FIRST_DAYS) && days.value.length === 0;
  const cells = useComputed(() => {
    const knowsPromotions = !missing.value.has('is_holiday_promo');
    return weatherCells(days.value).map((cell) => heatCellOf(cell, knowsPromotions));
  }).value;
  return (
    <>
      <HeatTable
        id="climate"
        corner="Weather"
        cells={cells}
        empty={
          isLoading
            ? 'Waiting for the weather of the days so far …'
            : 'Averages appear after two weeks: each day is held against the same weekdays before it.'
        }
      />
      <p class="caption quiet" ref={caption}>
        {CAPTION}
      </p>
    </>
  );
}

function heatCellOf({ weather, isPromoted, vsUsual, days }: WeatherCell, knowsPromotions: boolean): HeatCell {
  return {
    row: weather,
    column: knowsPromotions ? (isPromoted ? 'Promotion' : 'No promotion') : ALL,
    value: vsUsual,
    text: signedPercent(vsUsual * 100, 0),
    note: `n ${days}`,
    isWeak: days < FEW_DAYS,
    exact: `${signedPercent(vsUsual * 100)} units against the usual, over ${formatCount(days, 'day')}`,
  };
}

interface Known {
  readonly runId: string | null;
  /** Indexes of the days that were read, with or without a weather. */
  readonly read: ReadonlySet<number>;
  readonly days: readonly WeatherDay[];
}

const NONE: Known = { runId: null, read: new Set(), days: [] };

/** The complete days of the run with their weather, which only the server knows of those before this page was opened. */
function useWeatherDays({ store, readSummary }: Page, near: { readonly current: Element | null }) {
  const known = useSignal<Known>(NONE);
  const completeDays = () => [...store.state.peek().run.days.values()].filter(isComplete);
  const wanted = useComputed(() => {
    const { run, status } = store.state.value;
    const complete = [...run.days.values()].filter(isComplete).length;
    const runId = status?.run_id ?? null;
    return runId !== null && run.hasHistory && complete > 0 ? { runId, complete } : null;
  });
  useReading(near, wanted, {
    async load({ runId }, signal) {
      const before = known.peek().runId === runId ? known.peek() : NONE;
      const missing = completeDays().filter(({ dayIndex }) => !before.read.has(dayIndex));
      const [first, last] = [missing[0], missing.at(-1)];
      if (!first || !last) return 'complete';
      const span = last.dayIndex - first.dayIndex + 1;
      const range = span <= MOST_DAYS ? `&day=${last.dayIndex + 1}&days=${span}` : '';
      try {
        const groups = await readSummary(`by=day_index&then_by=weather${range}`);
        if (signal.aborted || wanted.peek()?.runId !== runId) return 'complete';
        const dates = new Map(missing.map(({ dayIndex, date }) => [dayIndex, date]));
        known.value = {
          runId,
          read: new Set([...before.read, ...dates.keys()]),
          days: [...before.days, ...weatherDays(groups, dates)],
        };
        return 'complete';
      } catch {
        return 'incomplete';
      }
    },
    forget() {
      known.value = NONE;
    },
  });
  return useComputed(() => known.value.days);
}

/** The groups of some dates as days. */
function weatherDays(groups: readonly SummaryRow[], dates: ReadonlyMap<number, string>): WeatherDay[] {
  return groups.flatMap(({ group, subgroup, units, promo_share }) => {
    const dayIndex = Number(group);
    const date = dates.get(dayIndex);
    if (date === undefined || subgroup === null) return [];
    return [{ dayIndex, date, weather: subgroup, isPromoted: (promo_share ?? 0) >= 0.5, units }];
  });
}
