import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { operations } from '../../shared/api/operations.ts';
import type { RecentSales, Summary, SummaryRow } from '../answers.ts';
import { type Address, type PastDay, pastDayIndex } from '../state/address.ts';
import type { Message } from '../state/reduce.ts';
import { type History, historyBefore } from '../state/run.ts';
import type { PageState } from '../state/state.ts';
import type { PageStore } from '../state/store.ts';
import {
  addToBreakdown,
  cellKey,
  type DaySummary,
  EMPTY_BREAKDOWN,
  isComplete,
  type Sums,
  type SumsByKey,
} from '../state/sums.ts';
import { type Api, addressOf } from './api.ts';

/** Reads groups from `GET /sales/summary`. @param query Such as `by=store`. @throws Error if there is no answer. */
export type ReadSummary = (question: string) => Promise<readonly SummaryRow[]>;

/** Reads what the current run had sold before an id. */
export async function readHistory(ask: ReadSummary, beforeId: number): Promise<History> {
  const [days, stores, products, cells] = await Promise.all(
    ['by=day_index&then_by=day', 'by=store', 'by=product', 'by=category&then_by=region'].map((question) =>
      ask(`${question}&before_id=${beforeId}`),
    ),
  );
  return {
    beforeId,
    days: (days ?? []).map(dayOf),
    breakdown: {
      stores: sumsByKey(stores),
      products: sumsByKey(products),
      cells: sumsByCell(cells),
    },
  };
}

/** Converts a group of the answer to sums. */
function sumsOfGroup({ units, revenue, net_revenue }: SummaryRow): Sums {
  return { units, listCents: Math.round(revenue * 100), netCents: Math.round(net_revenue * 100) };
}

function dayOf(group: SummaryRow): DaySummary {
  return {
    ...sumsOfGroup(group),
    dayIndex: Number(group.group),
    date: group.subgroup ?? '',
    events: group.events,
    // The number stored when the page was opened; a sale that arrives later corrects it.
    total: group.events,
    promoted: Math.round((group.promo_share ?? 0) * group.events),
    completeAt: null,
  };
}

/** Groups without a label belong to none. */
function sumsByKey(groups: readonly SummaryRow[] = []): SumsByKey {
  return new Map(groups.flatMap((each) => (each.group === null ? [] : [[each.group, sumsOfGroup(each)]])));
}

function sumsByCell(groups: readonly SummaryRow[] = []): SumsByKey {
  return new Map(
    groups.flatMap((each) => {
      const { group, subgroup } = each;
      if (group === null && subgroup === null) return [];
      return [[cellKey(group ?? '', subgroup ?? ''), sumsOfGroup(each)]];
    }),
  );
}

const RETRY_MS = 2_000;

/** Reads `GET /sales/summary`. @returns A function that throws an Error with the problem's title. */
export function summaryReader(api: Api): ReadSummary {
  return async (question) => {
    const answer = await api.read<Summary>(`${operations.summarizeSales.path}?${question}`);
    if ('problem' in answer) throw new Error(answer.problem.title);
    return answer.body.groups;
  };
}

/**
 * A page opened in the middle of a run gets the current day from the stream. What was sold before is read once, with
 * retries while that run lasts.
 */
export function createHistoryLoader(
  ask: ReadSummary,
  dispatch: (message: Message) => void,
): (state: PageState) => void {
  let asked: number | null = null;

  async function load(beforeId: number): Promise<void> {
    try {
      dispatch({ type: 'history', history: await readHistory(ask, beforeId) });
    } catch {
      setTimeout(() => void (asked === beforeId && load(beforeId)), RETRY_MS);
    }
  }

  return ({ run }) => {
    const beforeId = historyBefore(run);
    if (beforeId === asked) return;
    asked = beforeId;
    if (asked !== null) void load(asked);
  };
}

/** As many as the API lists at once. */
const MOST_SALES = 10_000;

/**
 * The past day that the address names; null while the run is followed. Its sales are read when it is chosen, again when the
 * last of them has been stored, and again for another run.
 */
export function followPastDay(
  api: Api,
  { state }: Pick<PageStore, 'state'>,
  address: ReadonlySignal<Address>,
): ReadonlySignal<PastDay | null> {
  const past = signal<PastDay | null>(null);
  const dayIndex = computed(() => pastDayIndex(address.value.day, state.value));
  const runId = computed(() => state.value.status?.run_id ?? null);
  const isWhole = computed(() => {
    const day = state.value.run.days.get(dayIndex.value ?? -1);
    return day !== undefined && isComplete(day);
  });

  effect(() => {
    const index = dayIndex.value;
    void runId.value;
    void isWhole.value;
    if (index === null) {
      past.value = null;
      return;
    }
    if (past.peek()?.dayIndex !== index)
      past.value = { dayIndex: index, sales: null, breakdown: EMPTY_BREAKDOWN };
    const abort = new AbortController();
    void load(index, abort.signal);
    return () => abort.abort();
  });

  async function load(index: number, aborted: AbortSignal): Promise<void> {
    const path = addressOf(operations.recentSales, { day: index + 1, limit: MOST_SALES });
    const answer = await api.read<RecentSales>(path, aborted);
    if (aborted.aborted) return;
    if ('problem' in answer) {
      setTimeout(() => void (!aborted.aborted && load(index, aborted)), RETRY_MS);
      return;
    }
    const { events: sales } = answer.body;
    past.value = { dayIndex: index, sales, breakdown: addToBreakdown(EMPTY_BREAKDOWN, sales) };
  }

  return past;
}
