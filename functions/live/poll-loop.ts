import type { Logger } from '../../shared/observability/logger.ts';
import type { Tail } from './tail.ts';
import type { Clock, StreamTimings } from './timing.ts';

/** Keeps a tail looking, as often as the moment asks for. */
export interface PollLoop {
  /** Begins to look, until {@link PollLoop.stop}. */
  start(): void;
  /** Nobody watches any more: no look begins from now on. */
  stop(): void;
  /** Something has changed, so more is likely to come soon. */
  noteChange(): void;
  /** The store was probably just written to: the next look is due now. Without it that look comes a pause later. */
  wake(): void;
}

export interface PollLoopOptions {
  readonly tail: Pick<Tail, 'poll' | 'forgetView'>;
  readonly clock: Clock;
  readonly timings: Pick<
    StreamTimings,
    | 'activePollMs'
    | 'quietPollMs'
    | 'shortestPollMs'
    | 'activeForMs'
    | 'incompleteForMs'
    | 'firstBackOffMs'
    | 'longestBackOffMs'
  >;
  readonly logger: Pick<Logger, 'warn' | 'info'>;
}

/**
 * One loop for all viewers of the process. A failure of the store or of `feed` slows it down and nothing else: viewers
 * stay, and get what they missed when it is over.
 */
export function createPollLoop({ tail, clock, timings, logger }: PollLoopOptions): PollLoop {
  let isWatched = false;
  let isRunning = false;
  let failures = 0;
  let changedAt = Number.NEGATIVE_INFINITY;
  /** Since the last look began: what was written meanwhile it may have missed. */
  let isWoken = false;
  let nap = { canWake: false, end: new AbortController() };

  async function run(): Promise<void> {
    isRunning = true;
    while (isWatched) {
      isWoken = false;
      const pause = await poll();
      // A store that fails is given all of its pause.
      const least = failures > 0 ? pause : Math.min(pause, timings.shortestPollMs);
      await sleep(least, false);
      await sleep(pause - least, true);
    }
    isRunning = false;
    tail.forgetView();
  }

  async function sleep(ms: number, endsWithNudge: boolean): Promise<void> {
    if (ms <= 0 || !isWatched || (endsWithNudge && isWoken)) return;
    nap = { canWake: endsWithNudge, end: new AbortController() };
    await clock.sleep(ms, nap.end.signal);
  }

  /** Resolves to the pause that follows. */
  async function poll(): Promise<number> {
    try {
      const isComingIn = await tail.poll();
      if (failures > 0) logger.info('The live stream reads again.', { failures });
      failures = 0;
      return pauseAfter(isComingIn);
    } catch (error) {
      failures += 1;
      if (failures === 1) logger.warn('The live stream can not read; its viewers wait.', { error });
      return Math.min(timings.firstBackOffMs * 2 ** (failures - 1), timings.longestBackOffMs);
    }
  }

  function pauseAfter(isComingIn: boolean): number {
    const activeFor = isComingIn ? timings.incompleteForMs : timings.activeForMs;
    return clock.now() - changedAt < activeFor ? timings.activePollMs : timings.quietPollMs;
  }

  return {
    start: () => {
      isWatched = true;
      if (!isRunning) void run();
    },
    stop: () => {
      isWatched = false;
      nap.end.abort();
    },
    noteChange: () => {
      changedAt = clock.now();
    },
    wake: () => {
      isWoken = true;
      if (nap.canWake) nap.end.abort();
    },
  };
}
