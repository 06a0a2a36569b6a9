import { computed, effect, signal } from '@preact/signals';
import type { AdvanceOutcome } from './auto-play.ts';
import type { PageState } from './state.ts';
import type { PageStore } from './store.ts';

/** Time (ms) that a whole day is shown. */
const DAY_MS = 1_000;
/** Time (ms) that a complete run is shown. */
const END_MS = 15_000;
const RETRY_MS = 5_000;
/** Time (ms) after which a message goes away. */
const MESSAGE_MS = 20_000;
/** Waits differ by up to this part, so that of several kiosks one is first and the others see that it was. */
const SPREAD = 0.5;

/** What a kiosk does next; the moment identifies the state in which it may do it. */
export interface KioskMove {
  readonly kind: 'advance' | 'reset';
  readonly moment: string;
}

/** The controls a kiosk uses. */
interface KioskControls {
  advance(days: number): Promise<AdvanceOutcome>;
  /** Starts a new run without a question. */
  beginAgain(): Promise<AdvanceOutcome>;
}

/** Null while there is nothing to do: without a stream or a data set, and while sales are under way. */
export function kioskMove({
  connection,
  status,
}: Pick<PageState, 'connection' | 'status'>): KioskMove | null {
  if (connection.kind !== 'live' || status === null || status.total_days === 0) return null;
  const isStored = status.day_index < 0 || status.day_received >= status.day_total;
  if (!isStored) return null;
  const isLast = status.day_index >= status.total_days - 1;
  return { kind: isLast ? 'reset' : 'advance', moment: `${status.run_id} ${status.day_index}` };
}

/**
 * Plays the run in a loop, as the buttons do: a day once the last one is stored, and a new run some time after the last day. Whatever
 * somebody else does first restarts the wait, so kiosks and people take turns. What fails is tried again; only a page that isn't
 * allowed to play stops, and then follows what others play.
 *
 * @param random 0 to 1
 */
export function playForEver(
  { state }: Pick<PageStore, 'state'>,
  controls: KioskControls,
  random: () => number = Math.random,
): () => void {
  const tries = signal(0);
  const isRefused = signal(false);
  const due = computed(() => {
    const move = isRefused.value ? null : kioskMove(state.value);
    return move && `${move.kind} ${move.moment} ${tries.value}`;
  });

  async function act(kind: KioskMove['kind']): Promise<void> {
    const outcome = kind === 'advance' ? await controls.advance(1) : await controls.beginAgain();
    if (outcome === 'refused') isRefused.value = true;
    if (outcome === 'away' || outcome === 'failed') setTimeout(() => (tries.value += 1), RETRY_MS);
  }

  return effect(() => {
    if (due.value === null) return;
    const kind = kioskMove(state.peek())?.kind ?? 'advance';
    const wait = kind === 'advance' ? DAY_MS : END_MS;
    const timer = setTimeout(() => void act(kind), wait * (1 + SPREAD * random()));
    return () => clearTimeout(timer);
  });
}

/** On a kiosk nobody can dismiss a message, so it disappears with the next day, or after a while. */
export function dismissByItself({ state, dispatch }: Pick<PageStore, 'state' | 'dispatch'>): () => void {
  const problem = computed(() => state.value.problem);
  const resetBy = computed(() => state.value.resetBy);
  const day = computed(() => `${state.value.status?.run_id} ${state.value.status?.day_index}`);
  /** The day on which the message appeared; null without one. */
  let since: string | null = null;

  function dismiss(): void {
    since = null;
    dispatch({ type: 'problem', problem: null });
    dispatch({ type: 'noticed', what: 'reset' });
  }

  return effect(() => {
    const today = day.value;
    if (problem.value === null && resetBy.value !== 'another viewer') {
      since = null;
      return;
    }
    since ??= today;
    if (since !== today) return dismiss();
    const timer = setTimeout(dismiss, MESSAGE_MS);
    return () => clearTimeout(timer);
  });
}
