import type { Logger } from '../../shared/observability/logger.ts';
import type { Tail } from './tail.ts';
import type { Clock, StreamTimings } from './timing.ts';

/** Polls a tail at an interval that adapts to its activity. */
export interface PollLoop {
  /** Starts polling, until {@link PollLoop.stop}. */
  start(): void;
  /** Stops polling, because the last viewer has disconnected. */
  stop(): void;
  /** Something has changed, so more changes are likely soon. */
  noteChange(): void;
  /** The store was probably just written: polls now instead of at the end of the pause, unless recent pauses were cut short too often. */
  wake(): void;
}

interface PollLoopOptions {
  readonly tail: Pick<Tail, 'poll' | 'forgetView'>;
  readonly clock: Pick<Clock, 'now' | 'sleep'>;
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

/** Consecutive pauses that wake-ups may shorten. More wake-ups come from a burst of writes, for which 20 polls a second are enough. */
const SHORTENED_IN_A_ROW = 5;

/**
 * One loop for all viewers of the process. A failure of the store or of `feed` only slows it down: viewers stay connected
 * and receive what they missed afterwards.
 */
export function createPollLoop({ tail, clock, timings, logger }: PollLoopOptions): PollLoop {
  let isWatched = false;
  let isRunning = false;
  let failures = 0;
  let changedAt = Number.NEGATIVE_INFINITY;
  /** Whether there was a wake-up since the last poll began; that poll may have missed what was written. */
  let isWoken = false;
  let pause = { canWake: false, end: new AbortController() };

  async function run(): Promise<void> {
    isRunning = true;
    let shortened = 0;
    while (isWatched) {
      isWoken = false;
      const pauseMs = await poll();
      const leastMs = shortened < SHORTENED_IN_A_ROW ? timings.shortestPollMs : timings.activePollMs;
      // The back-off after a failure is never shortened, whatever wakes the loop.
      const minimumMs = failures > 0 ? pauseMs : Math.min(pauseMs, leastMs);
      await sleep(minimumMs, false);
      await sleep(pauseMs - minimumMs, true);
      shortened = isWoken ? shortened + 1 : 0;
    }
    isRunning = false;
    tail.forgetView();
  }

  async function sleep(ms: number, canWake: boolean): Promise<void> {
    if (ms <= 0 || !isWatched || (canWake && isWoken)) return;
    pause = { canWake, end: new AbortController() };
    await clock.sleep(ms, pause.end.signal);
  }

  /** @returns the milliseconds to wait before the next poll. */
  async function poll(): Promise<number> {
    try {
      const isDayIncomplete = await tail.poll();
      if (failures > 0) logger.info('The live stream can read the stores again.', { failures });
      failures = 0;
      return pauseAfter(isDayIncomplete);
    } catch (error) {
      failures += 1;
      if (failures === 1) logger.warn('The live stream cannot read the stores; its viewers wait.', { error });
      return Math.min(timings.firstBackOffMs * 2 ** (failures - 1), timings.longestBackOffMs);
    }
  }

  function pauseAfter(isDayIncomplete: boolean): number {
    const activeFor = isDayIncomplete ? timings.incompleteForMs : timings.activeForMs;
    return clock.now() - changedAt < activeFor ? timings.activePollMs : timings.quietPollMs;
  }

  return {
    start: () => {
      isWatched = true;
      if (!isRunning) void run();
    },
    stop: () => {
      isWatched = false;
      pause.end.abort();
    },
    noteChange: () => {
      changedAt = clock.now();
    },
    wake: () => {
      isWoken = true;
      if (pause.canWake) pause.end.abort();
    },
  };
}
