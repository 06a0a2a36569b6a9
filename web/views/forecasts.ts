import { type ReadonlySignal, type Signal, useComputed, useSignal } from '@preact/signals';
import type { RefObject } from 'preact';
import { operations } from '../../shared/api/operations.ts';
import type { RunForecastsAnswer } from '../answers.ts';
import {
  addForecasts,
  daysToRead,
  type KnownForecasts,
  type WantedForecasts,
} from '../state/kept-forecasts.ts';
import { addressOf } from '../stream/api.ts';
import { useReading } from './hooks.ts';
import type { Page } from './page.ts';

/** Days up to the shown one that are read at once: as many as the chart shows at first. */
export const FORECAST_DAYS = 90;

/**
 * What was forecast a day ahead, read while an element is in sight; days that are known aren't read again. What is known of the
 * total belongs to the page, and is read by one element at a time: several show it.
 */
export function useKeptForecasts(
  { clicks, keptForecasts }: Page,
  near: RefObject<Element | null>,
  wanted: ReadonlySignal<WantedForecasts | null>,
): ReadonlySignal<KnownForecasts | null> {
  const ofStore = useSignal<KnownForecasts | null>(null);

  async function read(
    asked: WantedForecasts,
    known: Signal<KnownForecasts | null>,
    signal: AbortSignal,
  ): Promise<'incomplete' | 'complete'> {
    const missing = daysToRead(known.peek(), asked);
    if (missing === null) return 'complete';
    const { runId, storeId } = asked;
    const path = addressOf(operations.readRunForecasts, {
      day: missing.to + 1,
      days: missing.to - missing.from + 1,
      ...(storeId !== null && { store_id: storeId }),
    });
    const answer = await clicks.api.read<RunForecastsAnswer>(path, signal);
    // After a reset the answer is of no use; the new run is asked about by itself.
    if (signal.aborted || wanted.peek()?.runId !== runId) return 'complete';
    // A day that another process doesn't know of yet, or an answer of the run before.
    if ('problem' in answer || answer.body.run_id !== runId) return 'incomplete';
    known.value = addForecasts(known.peek(), { runId, storeId, ...missing }, answer.body.history ?? []);
    return 'complete';
  }

  const isOfStore = useComputed(() => wanted.value !== null && wanted.value.storeId !== null);
  useReading(near, wanted, {
    async load(asked, signal) {
      if (asked.storeId !== null) return read(asked, ofStore, signal);
      const before = keptForecasts.turn;
      const { promise, resolve } = Promise.withResolvers<void>();
      keptForecasts.turn = promise;
      try {
        await before;
        return signal.aborted ? 'complete' : await read(asked, keptForecasts.known, signal);
      } finally {
        resolve();
      }
    },
    forget() {
      ofStore.value = null;
      keptForecasts.known.value = null;
    },
  });
  return useComputed(() => (isOfStore.value ? ofStore.value : keptForecasts.known.value));
}
