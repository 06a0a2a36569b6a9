import { type ReadonlySignal, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { operations } from '../../shared/api/operations.ts';
import type { RunForecasts } from '../answers.ts';
import {
  addForecasts,
  daysToRead,
  type KnownForecasts,
  type WantedForecasts,
} from '../state/kept-forecasts.ts';
import { addressOf } from '../stream/operations.ts';
import { useReading } from './hooks.ts';
import type { Page } from './page.ts';

/** What was forecast a day ahead, read while an element is in sight; days that are known aren't read again. */
export function useKeptForecasts(
  { clicks }: Page,
  near: RefObject<Element | null>,
  wanted: ReadonlySignal<WantedForecasts | null>,
): ReadonlySignal<KnownForecasts | null> {
  const known = useSignal<KnownForecasts | null>(null);
  useReading(near, wanted, {
    async load(asked, signal) {
      const missing = daysToRead(known.peek(), asked);
      if (missing === null) return 'complete';
      const { runId, storeId } = asked;
      const path = addressOf(operations.readRunForecasts, {
        day: missing.to + 1,
        days: missing.to - missing.from + 1,
        ...(storeId !== null && { store_id: storeId }),
      });
      const answer = await clicks.api.read<RunForecasts>(path, signal);
      // After a reset the answer is of no use; the new run is asked about by itself.
      if (signal.aborted || wanted.peek()?.runId !== runId) return 'complete';
      // A day that another process doesn't know of yet, or an answer of the run before.
      if ('problem' in answer || answer.body.run_id !== runId) return 'incomplete';
      known.value = addForecasts(known.peek(), { runId, storeId, ...missing }, answer.body.history ?? []);
      return 'complete';
    },
    forget() {
      known.value = null;
    },
  });
  return known;
}
