import { isBehind } from './backlog.ts';
import type { PageState } from './state.ts';

/** Wait (ms) after a request that failed because the server is unreachable. */
const PAUSE_AFTER_FAILURE_MS = 1_000;

/** How often (ms) a lagging pipeline is checked. */
const PIPELINE_POLL_MS = 200;

/**
 * The result of a request: after `away` playback waits; `ended` (the last day), `failed` and `refused` (this page isn't
 * allowed to advance the simulation) stop it.
 */
export type AdvanceOutcome = 'accepted' | 'ended' | 'away' | 'failed' | 'refused';

export interface AutoPlayOptions {
  /** Advances the simulation. @param days At least 1. */
  click(days: number): Promise<AdvanceOutcome>;
  stop(): void;
  now(): number;
}

/** The request that is due, and when the next one is. */
export interface DueAdvance {
  readonly days: number;
  readonly nextAt: number;
}

/**
 * How many days are due at a time (ms), given when the next one was due. Days missed during a slow request are caught up, but
 * never more than a second's worth: a machine that was suspended must not jump months ahead.
 */
export function dueAdvance(now: number, dueAt: number, daysPerSecond: number): DueAdvance | null {
  if (now < dueAt) return null;
  const interval = 1_000 / daysPerSecond;
  const most = Math.max(1, Math.floor(daysPerSecond));
  const days = Math.min(most, 1 + Math.floor((now - dueAt) / interval));
  return { days, nextAt: Math.max(dueAt + days * interval, now) };
}

/**
 * Presses Next day while playback is on, one request at a time. It waits while the stream is disconnected: days that
 * can't be seen are not played.
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
      // A bug of this page: it is reported, and playback stops visibly.
      reportError(error);
      stop();
    }
    isRunning = false;
  }

  /** Waits, or requests once. @returns When the next request is due; null if playback is over. */
  async function step(dueAt: number): Promise<number | null> {
    if (state?.connection.kind !== 'live') {
      await pause(PAUSE_AFTER_FAILURE_MS);
      return now();
    }
    if (isBehind(state)) {
      await pause(PIPELINE_POLL_MS);
      return now();
    }
    const due = dueAdvance(now(), dueAt, state.play.daysPerSecond);
    if (!due) {
      await pause(dueAt - now());
      return Math.min(dueAt, now() + 1_000 / state.play.daysPerSecond);
    }
    const outcome = await click(due.days);
    if (outcome === 'refused' || outcome === 'failed' || outcome === 'ended') {
      stop();
      return null;
    }
    return outcome === 'away' ? now() + PAUSE_AFTER_FAILURE_MS : due.nextAt;
  }

  /** Ends early if playback or its speed changes. */
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
