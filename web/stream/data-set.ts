import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { OptionalColumn } from '../../shared/api/insights.ts';
import { operations } from '../../shared/api/operations.ts';
import type { InsightList } from '../answers.ts';
import type { PageStore } from '../state/store.ts';
import type { Api } from './api.ts';
import { addressOf } from './api.ts';

const RETRY_MS = 2_000;
const DAY_MS = 86_400_000;

/** Columns that the data set lacks. */
export type MissingColumns = ReadonlySet<OptionalColumn>;

const NONE: MissingColumns = new Set();

/** What the page must know of the loaded data set. */
export interface KnownDataSet {
  /** None until they are known. */
  readonly missing: ReadonlySignal<MissingColumns>;
  /** Whether they are known. */
  readonly isMissingKnown: ReadonlySignal<boolean>;
  /** The first date (ms), if every date after it follows the one before; null until it is known, and with gaps. */
  readonly begin: ReadonlySignal<number | null>;
}

/** What the loaded data set lacks, and before the first day of a run the dates of its calendar; read once per run. */
export function followDataSet(api: Api, { state }: Pick<PageStore, 'state'>): KnownDataSet {
  const missing = signal(NONE);
  const isMissingKnown = signal(false);
  const begin = signal<number | null>(null);
  const run = computed(() => {
    const { status } = state.value;
    return status === null || status.total_days === 0 ? null : `${status.run_id} ${status.total_days}`;
  });

  effect(() => {
    if (run.value === null) return;
    begin.value = null;
    isMissingKnown.value = false;
    const abort = new AbortController();
    void load(abort.signal);
    return () => abort.abort();
  });

  async function load(aborted: AbortSignal): Promise<void> {
    const { status } = state.peek();
    // Days that have been played tell their dates themselves.
    const lastDay = status?.current_day === null ? status.total_days : null;
    const [any, last] = await Promise.all([
      insightsOf(lastDay === null ? {} : { day: 1 }, aborted),
      lastDay === null ? null : insightsOf({ day: lastDay }, aborted),
    ]);
    if (aborted.aborted) return;
    if ('problem' in any) {
      setTimeout(() => void (!aborted.aborted && load(aborted)), RETRY_MS);
      return;
    }
    missing.value = new Set(any.body.missing_columns);
    isMissingKnown.value = true;
    if (lastDay === null || last === null || 'problem' in last) return;
    const [from, to] = [Date.parse(any.body.date ?? ''), Date.parse(last.body.date ?? '')];
    begin.value = to - from === (lastDay - 1) * DAY_MS ? from : null;
  }

  function insightsOf(question: { readonly day?: number }, aborted: AbortSignal) {
    return api.read<InsightList>(addressOf(operations.readInsights, { ...question, limit: 1 }), aborted);
  }

  return { missing, isMissingKnown, begin };
}
