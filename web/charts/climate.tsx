import { useSignal, useSignalEffect } from '@preact/signals';
import { useRef } from 'preact/hooks';
import type { SummaryGroup } from '../answers.ts';
import { formatInteger } from '../format.ts';
import { newestCompleteDay, type PageState } from '../state/state.ts';
import type { MissingColumns } from '../stream/missing-columns.ts';
import { ALL, type HeatCell, HeatTable } from '../views/heat-table.tsx';
import type { Page } from '../views/page.ts';

/** Only the data set knows the season of a date, so it is requested, at most this often (ms). */
const EVERY_MS = 3_000;

/** Units per sale in each weather of each season, requested when a day is complete. */
export function Climate({ page: { store, readSummary, missing } }: { page: Page }) {
  const groups = useSignal<readonly SummaryGroup[]>([]);
  /** The day of the last request, and when it was made (ms). */
  const requested = useRef({ moment: '', at: Number.NEGATIVE_INFINITY });

  async function load(moment: string): Promise<void> {
    try {
      const answer = await readSummary('by=weather&then_by=season');
      if (moment === requested.current.moment) groups.value = answer;
    } catch {
      // The next state requests it again.
      if (moment === requested.current.moment) requested.current.moment = '';
    }
  }

  useSignalEffect(() => {
    const moment = momentOf(store.state.value);
    const now = store.now.value;
    if (store.state.value.run.firstId === null) {
      requested.current.moment = '';
      groups.value = [];
    }
    const { moment: last, at } = requested.current;
    if (moment === null || moment === last || now - at < EVERY_MS) return;
    requested.current = { moment, at: now };
    void load(moment);
  });

  return (
    <HeatTable
      id="climate"
      corner="Weather"
      cells={groups.value.flatMap((group) => cellOf(group, missing.value))}
      empty="Averages appear after the first complete day."
    />
  );
}

/** Identifies the newest complete day and its run; null before the first. */
function momentOf({ run }: PageState): string | null {
  const newest = newestCompleteDay(run);
  return newest && `${run.firstId}/${newest.dayIndex}`;
}

/** Sales of unknown weather or season have no cell, unless the data set knows neither for any. */
function cellOf({ group, subgroup, units, events }: SummaryGroup, missing: MissingColumns): HeatCell[] {
  const row = missing.has('weather_condition') ? ALL : group;
  const column = missing.has('seasonality') ? ALL : subgroup;
  if (row === null || column === null) return [];
  const mean = units / events;
  return [
    {
      row,
      column,
      value: mean,
      text: mean.toFixed(1),
      exact: `${formatInteger(units)} units in ${formatInteger(events)} sales`,
    },
  ];
}
