import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import { operations } from '../../shared/api/operations.ts';
import type { RecentSales } from '../answers.ts';
import type { Address } from '../state/address.ts';
import { type PastDay, pastDayIndex } from '../state/looking.ts';
import type { PageStore } from '../state/store.ts';
import { addToBreakdown, EMPTY_BREAKDOWN, isComplete } from '../state/sums.ts';
import type { Api } from './api.ts';
import { addressOf } from './operations.ts';

const RETRY_MS = 2_000;

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
