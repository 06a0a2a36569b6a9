import { computed, effect, signal } from '@preact/signals';
import type { Store } from '../state/store.ts';

/** Time (ms) without change after which the run rests. */
const REST_MS = 3_000;

const rests = signal(false);
const isPrinting = signal(false);

/**
 * Whether panels out of sight are to be filled, too: while the run rests, which costs each panel one answer, and while the page is
 * printed. Otherwise a print or a picture of the whole page would have gaps.
 */
export const fillsAll = computed(() => rests.value || isPrinting.value);

/** Follows the run and the browser's printing. */
export function followRest({ state }: Pick<Store, 'state'>, window: Window): void {
  const moment = computed(() => {
    const { status, play } = state.value;
    if (status === null || play.isPlaying) return null;
    return `${status.run_id} ${status.day_index} ${status.day_received}`;
  });
  effect(() => {
    const moving = moment.value === null;
    rests.value = false;
    if (moving) return;
    const timer = setTimeout(() => {
      rests.value = true;
    }, REST_MS);
    return () => clearTimeout(timer);
  });
  window.addEventListener('beforeprint', () => {
    isPrinting.value = true;
  });
  window.addEventListener('afterprint', () => {
    isPrinting.value = false;
  });
}
