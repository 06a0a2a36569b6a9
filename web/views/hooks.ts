import {
  type ReadonlySignal,
  type Signal,
  signal,
  useComputed,
  useSignal,
  useSignalEffect,
} from '@preact/signals';
import type { RefObject } from 'preact';
import { useEffect, useMemo } from 'preact/hooks';
import { insightDay } from '../state/address.ts';
import type { PageState } from '../state/state.ts';
import type { PageStore } from '../state/store.ts';
import { createRefresh } from '../stream/refresh.ts';
import { fillsAll } from './at-rest.ts';
import type { Page } from './page.ts';
import { onThemeChange } from './theme.ts';

/** Selects a part of the state: the component is rendered again only when that part changes. */
export function useSelected<Part>({ state }: PageStore, select: (state: PageState) => Part): Part {
  return useComputed(() => select(state.value)).value;
}

/** Whether one of some elements is on the screen, or is to be filled although it isn't ({@link fillsAll}). */
export function useInSight(...refs: readonly RefObject<Element | null>[]): ReadonlySignal<boolean> {
  const isInSight = useSignal(false);
  useEffect(() => {
    const seen = new Set<Element>();
    const observer = new IntersectionObserver((entries) => {
      for (const { target, isIntersecting } of entries) {
        if (isIntersecting) seen.add(target);
        else seen.delete(target);
      }
      isInSight.value = seen.size > 0;
    });
    for (const { current } of refs) {
      if (current) observer.observe(current);
    }
    return () => observer.disconnect();
  }, []);
  return useComputed(() => isInSight.value || fillsAll.value);
}

/** Counts the changes of an element's size, so that a canvas can be redrawn. */
export function useResizes(ref: RefObject<Element | null>): ReadonlySignal<number> {
  const resizes = useSignal(0);
  useEffect(() => {
    if (!ref.current) return;
    const observer = new ResizeObserver(() => {
      resizes.value += 1;
    });
    observer.observe(ref.current);
    return () => observer.disconnect();
  }, []);
  return resizes;
}

let changes: Signal<number> | null = null;

/** Counts the changes of the theme, so that a canvas can be redrawn with other colours. */
export function themeChanges(): ReadonlySignal<number> {
  if (changes) return changes;
  const counter = signal(0);
  changes = counter;
  onThemeChange(() => {
    counter.value += 1;
  });
  return counter;
}

/** Whether the user prefers reduced motion. */
export function prefersReducedMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}

/** Shortest time (ms) between requests while days pass quickly. */
const GAP_MS = 1_000;

/** What a view reads again and again. @param Wanted Names one answer. */
interface Reading<Wanted> {
  /** Reads and shows what is wanted. @returns Whether the answer is incomplete, so that it is read again. */
  load(wanted: Wanted, signal: AbortSignal): Promise<'incomplete' | 'complete'>;
  /** Nothing is wanted: what was read is forgotten. */
  forget(): void;
}

/** Reads whenever something else is wanted, at most once a second and only while one of some elements of a visible tab is in sight. */
export function useReading<Wanted>(
  near: RefObject<Element | null> | readonly RefObject<Element | null>[],
  wanted: ReadonlySignal<Wanted | null>,
  { load, forget }: Reading<Wanted>,
): void {
  const isInSight = useInSight(...(Array.isArray(near) ? near : [near]));
  const key = useComputed(() => JSON.stringify(wanted.value));
  const refresh = useMemo(
    () =>
      createRefresh(
        async (aborted) => {
          const asked = wanted.peek();
          if (asked !== null && (await load(asked, aborted)) === 'incomplete') refresh.follow();
        },
        () => isInSight.value && document.visibilityState === 'visible',
        GAP_MS,
      ),
    [],
  );
  useSignalEffect(() => {
    void key.value;
    if (wanted.peek() === null) forget();
    else refresh.soon();
  });
  useSignalEffect(() => {
    void isInSight.value;
    refresh.resume();
  });
  useEffect(() => {
    document.addEventListener('visibilitychange', refresh.resume);
    return () => document.removeEventListener('visibilitychange', refresh.resume);
  }, []);
}

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
