import { computed, effect, type ReadonlySignal, signal } from '@preact/signals';
import type { OptionalColumn } from '../../shared/api/insights.ts';
import { operations } from '../../shared/api/operations.ts';
import type { InsightList } from '../answers.ts';
import type { Store } from '../state/store.ts';
import type { Api } from './api.ts';
import { addressOf } from './operations.ts';

const RETRY_MS = 2_000;

/** Columns that the data set lacks. */
export type MissingColumns = ReadonlySet<OptionalColumn>;

const NONE: MissingColumns = new Set();

/** The columns that the loaded data set lacks, read once per run; none until they are known. */
export function followMissingColumns(
  api: Api,
  { state }: Pick<Store, 'state'>,
): ReadonlySignal<MissingColumns> {
  const missing = signal(NONE);
  const run = computed(() => {
    const { status } = state.value;
    return status === null || status.total_days === 0 ? null : `${status.run_id} ${status.total_days}`;
  });

  effect(() => {
    if (run.value === null) return;
    const abort = new AbortController();
    void load(abort.signal);
    return () => abort.abort();
  });

  async function load(aborted: AbortSignal): Promise<void> {
    const answer = await api.read<InsightList>(addressOf(operations.readInsights, { limit: 1 }), aborted);
    if (aborted.aborted) return;
    if ('problem' in answer) {
      setTimeout(() => void (!aborted.aborted && load(aborted)), RETRY_MS);
      return;
    }
    missing.value = new Set(answer.body.missing_columns);
  }

  return missing;
}
