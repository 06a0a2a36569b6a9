import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { isComplete } from '../state/sums.ts';
import { useReading } from './hooks.ts';
import type { Page } from './page.ts';

interface Known {
  readonly runId: string | null;
  /** Sold-out sales by the index of the day; 0 where the data set doesn't tell the stock. */
  readonly days: ReadonlyMap<number, number>;
}

const NONE: Known = { runId: null, days: new Map() };

/** How many sales of each complete day took all of the stock. Only the data set knows it, so it is read: of the newest day, or of all if more are missing. */
export function useStockOuts(
  { store, readSummary }: Page,
  near: RefObject<Element | null>,
): ReadonlySignal<ReadonlyMap<number, number>> {
  const known = useSignal(NONE);
  const wanted = useComputed(() => {
    const { run, status } = store.state.value;
    const complete = [...run.days.values()].filter(isComplete).length;
    return status && run.hasHistory && complete > 0 ? { runId: status.run_id, complete } : null;
  });
  useReading(near, wanted, {
    async load({ runId }, signal) {
      const before = known.peek().runId === runId ? known.peek().days : NONE.days;
      const complete = [...store.state.peek().run.days.values()].filter(isComplete);
      const missing = complete.filter(({ dayIndex }) => !before.has(dayIndex));
      const [first] = missing;
      if (!first) return 'complete';
      try {
        const day = missing.length === 1 ? `&day=${first.dayIndex + 1}` : '';
        const groups = await readSummary(`by=day_index${day}`);
        if (signal.aborted || wanted.peek()?.runId !== runId) return 'complete';
        const read = groups.map(({ group, stock_outs }) => [Number(group), stock_outs ?? 0] as const);
        known.value = { runId, days: new Map([...before, ...read]) };
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
