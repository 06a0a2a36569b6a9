import { type ReadonlySignal, useComputed, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { insightDay } from '../state/looking.ts';
import { useReading } from './hooks.ts';
import type { Page } from './page.ts';

/**
 * An answer about the last complete day up to the one that is looked at, read while one of some elements is in sight; null until
 * it is known.
 *
 * @param addressOf The address of the answer about a day, 1 for the first.
 */
export function useDayAnswer<Body>(
  { store, clicks, looking }: Page,
  near: RefObject<Element | null> | readonly RefObject<Element | null>[],
  addressOf: (day: number) => string,
): ReadonlySignal<Body | null> {
  const answer = useSignal<Body | null>(null);
  const wanted = useComputed(() => {
    const runId = store.state.value.status?.run_id ?? null;
    const day = insightDay(looking.value);
    return runId === null || day === null ? null : { runId, day };
  });
  useReading(near, wanted, {
    async load({ runId, day }, signal) {
      const read = await clicks.api.read<Body>(addressOf(day), signal);
      if (signal.aborted || wanted.peek()?.runId !== runId) return 'complete';
      if ('problem' in read) return 'incomplete';
      answer.value = read.body;
      return 'complete';
    },
    forget() {
      answer.value = null;
    },
  });
  return answer;
}
