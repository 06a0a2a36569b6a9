import type { PageState } from './state.ts';

/** After a click that failed because the server is away. */
const PAUSE_AFTER_FAILURE_MS = 1_000;

/** What a click led to: after `away` playing waits, `ended` (the last day) and `refused` end it. */
export type AdvanceOutcome = 'accepted' | 'ended' | 'away' | 'refused';

export interface AutoPlayOptions {
  /** Goes so many days ahead. */
  click(days: number): Promise<AdvanceOutcome>;
  stop(): void;
  now(): number;
}

/** The click that is due, and when the one after it is. */
export interface DueAdvance {
  readonly days: number;
  readonly nextAt: number;
}

/**
 * How many days are due at a time (ms), given when the next one was. What was missed while an earlier click took its time
 * is taken along, but never more than a second's worth: after a sleep of the machine nobody wants to be months ahead.
 */
export function dueAdvance(now: number, dueAt: number, daysPerSecond: number): DueAdvance | null {
  if (now < dueAt) return null;
  const interval = 1_000 / daysPerSecond;
  const most = Math.max(1, Math.floor(daysPerSecond));
  const days = Math.min(most, 1 + Math.floor((now - dueAt) / interval));
  return { days, nextAt: Math.max(dueAt + days * interval, now) };
}

/**
 * Presses Next day for as long as the state says so, one click at a time. While the stream is broken it waits: days that
 * nobody sees are not played.
 *
 * @returns To be called with each new state.
 */
export function createAutoPlay({ click, stop, now }: AutoPlayOptions): (state: PageState) => void {
  let state: PageState | null = null;
  let isRunning = false;
  let wake = () => {};

  const isDue = () => state?.play.isPlaying === true;

  async function run(): Promise<void> {
    isRunning = true;
    let dueAt: number | null = now();
    try {
      while (dueAt !== null && isDue()) dueAt = await step(dueAt);
    } catch (error) {
      // A fault of this page: it is told, and the button says that nothing plays.
      reportError(error);
      stop();
    }
    isRunning = false;
  }

  /** Waits, or clicks once. @returns When the next click is due; null if none is, whatever the state says until it is drawn. */
  async function step(dueAt: number): Promise<number | null> {
    if (state?.connection.kind !== 'live') {
      await pause(PAUSE_AFTER_FAILURE_MS);
      return now();
    }
    const due = dueAdvance(now(), dueAt, state.play.daysPerSecond);
    if (!due) {
      await pause(dueAt - now());
      return Math.min(dueAt, now() + 1_000 / state.play.daysPerSecond);
    }
    const outcome = await click(due.days);
    if (outcome === 'refused' || outcome === 'ended') {
      stop();
      return null;
    }
    return outcome === 'away' ? now() + PAUSE_AFTER_FAILURE_MS : due.nextAt;
  }

  /** Ends early if what is played, or whether, changes. */
  async function pause(ms: number): Promise<void> {
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, ms);
    });
  }

  return (next) => {
    const isOther = next.play !== state?.play || next.connection.kind !== state.connection.kind;
    state = next;
    if (isOther) wake();
    if (isDue() && !isRunning) void run();
  };
}
