import { computed, effect, signal } from '@preact/signals';
import type { PageStore } from '../state/store.ts';

/** Time (ms) without change after which the run rests. */
const REST_MS = 3_000;

const rests = signal(false);
const isPrinting = signal(false);
/** Pictures of the page that are being made. */
const pictures = signal(0);

/**
 * Whether panels out of sight are to be filled, too: while the run rests, which costs each panel one answer, and while the page is
 * printed or saved as a picture. Otherwise a print or a picture of the whole page would have gaps.
 */
export const fillsAll = computed(() => rests.value || isPrinting.value || pictures.value > 0);

/** Makes a picture of the page once charts out of sight are drawn, too. */
export async function pictured(make: () => Promise<void>): Promise<void> {
  pictures.value += 1;
  try {
    // In the first frame the components follow the signal, in the second their charts are on the screen.
    await nextFrame();
    await nextFrame();
    await make();
  } finally {
    pictures.value -= 1;
  }
}

function nextFrame(): Promise<unknown> {
  return new Promise((resolve) => requestAnimationFrame(resolve));
}

/** Follows the run and the browser's printing. */
export function followRest({ state }: Pick<PageStore, 'state'>, window: Window): void {
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
