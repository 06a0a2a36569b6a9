import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { SummaryRow } from '../answers.ts';
import type { PageStore } from '../state/store.ts';
import { isComplete } from '../state/sums.ts';
import type { ReadSummary } from './history.ts';
import { createRefresh } from './refresh.ts';

/** What ran out on a day. */
export interface StockOuts {
  /** Sales that took all of the stock. */
  readonly sales: number;
  /** Units that could have been sold beyond the stock, estimated. */
  readonly lostUnits: number;
}

/** By the index of the day, as far as they are known. */
export type StockOutsByDay = ReadonlyMap<number, StockOuts>;

interface Known {
  readonly runId: string | null;
  readonly days: StockOutsByDay;
}

const NONE: Known = { runId: null, days: new Map() };

/** Shortest time (ms) between requests while days pass quickly. */
const GAP_MS = 1_000;

/** The summary of a run by day, as the history of a page asks for it. */
const BY_DAY = 'by=day_index';

/**
 * What ran out on each complete day. Only the data set knows it, so it is read: the history of the page has it of most days, and
 * later ones are read one by one, or all at once if more are missing.
 */
export function followStockOuts(readSummary: ReadSummary, { state }: Pick<PageStore, 'state'>) {
  const known = signal(NONE);
  /** Days of a history, with the number of their sales then: if more have arrived since, it is of no use. */
  let learnt = { runId: '', groups: new Map<number, SummaryRow>() };
  const refresh = createRefresh(load, () => document.visibilityState === 'visible', GAP_MS);

  const wanted = computed(() => {
    const { run, status } = state.value;
    const complete = [...run.days.values()].filter(isComplete).length;
    const isKnown = status !== null && status.run_id !== null && run.hasHistory && complete > 0;
    return isKnown ? `${status.run_id} ${complete}` : null;
  });

  function add(runId: string, groups: readonly SummaryRow[]): void {
    const before = known.peek().runId === runId ? known.peek().days : NONE.days;
    const read = groups.map(({ group, stock_outs, lost_units }): [number, StockOuts] => [
      Number(group),
      { sales: stock_outs ?? 0, lostUnits: lost_units ?? 0 },
    ]);
    known.value = { runId, days: new Map([...before, ...read]) };
  }

  async function load(signal: AbortSignal): Promise<void> {
    const { run, status } = state.peek();
    const runId = status?.run_id ?? null;
    if (runId === null) return;
    const isKnown = (dayIndex: number) => known.peek().runId === runId && known.peek().days.has(dayIndex);
    const missing = [...run.days.values()].filter((day) => isComplete(day) && !isKnown(day.dayIndex));
    const fromHistory = missing.flatMap(({ dayIndex, total }) => {
      const group = learnt.runId === runId ? learnt.groups.get(dayIndex) : undefined;
      return group?.events === total ? [group] : [];
    });
    if (fromHistory.length > 0) add(runId, fromHistory);
    const [first, second] = missing.filter(({ dayIndex }) => !isKnown(dayIndex));
    if (!first) return;
    try {
      const groups = await readSummary(second ? BY_DAY : `${BY_DAY}&day=${first.dayIndex + 1}`);
      if (!signal.aborted && state.peek().status?.run_id === runId) add(runId, groups);
    } catch {
      refresh.follow();
    }
  }

  effect(() => {
    if (wanted.value === null) known.value = NONE;
    else refresh.soon();
  });
  document.addEventListener('visibilitychange', refresh.resume);

  return {
    days: computed(() => known.value.days) satisfies ReadonlySignal<StockOutsByDay>,
    /** Reads the history of a page, and keeps what it tells of stock-outs. */
    async readHistory(question: string): Promise<readonly SummaryRow[]> {
      const runId = state.peek().status?.run_id ?? '';
      const groups = await readSummary(question);
      if (question.startsWith(`${BY_DAY}&`)) {
        learnt = { runId, groups: new Map(groups.map((group) => [Number(group.group), group])) };
      }
      return groups;
    },
  };
}
