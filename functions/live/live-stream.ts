import type { Logger } from '../../shared/observability/logger.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import { createCursor } from './cursor.ts';
import { createPageReader, type PageSource } from './feed-pages.ts';
import { openingFrames } from './frames.ts';
import { createPendingRequest } from './pending-request.ts';
import { createTail, type Tail } from './tail.ts';
import type { Clock, StreamTimings } from './timing.ts';
import { createViewerRegistry, type ViewerRegistry } from './viewer-registry.ts';

interface LiveStreamOptions {
  readonly store: Pick<SimulationStore, 'readSnapshot'>;
  readonly feed: PageSource;
  readonly clock: Clock;
  readonly timings: StreamTimings;
  readonly maxViewers: number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Called with the number of viewers, within a second of a change. */
  readonly onViewers: (viewers: number) => void;
}

/** One reader of the stores and all viewers of a process. */
export interface LiveStream extends ViewerRegistry {
  /** Hints that the table was probably just written. Nothing depends on the hint: the next poll finds the change anyway. */
  notifyWrite(): void;
}

/** Connects the parts: a poll loop drives the tail, and every viewer's cursor follows the tail. */
export function createLiveStream(options: LiveStreamOptions): LiveStream {
  const { store, feed, clock, timings, maxViewers, logger, onViewers } = options;
  const tail = createTail({
    store,
    feed,
    pageSize: timings.pageSize,
    logBytes: timings.logBytes,
    statusHoldMs: timings.statusHoldMs,
    now: clock.now,
    onChange,
    onHold: () => pollLoop.noteChange(),
  });
  const pollLoop = createPollLoop({ tail, clock, timings, logger });
  const readPage = createPageReader({
    feed,
    pageSize: timings.pageSize,
    concurrency: timings.catchUpConcurrency,
    maxBytes: timings.catchUpBytes,
    onFailure: (error) => logger.warn('Reading a page of events failed; its viewers wait.', { error }),
  });
  const openingFrame = openingFrames();
  const viewers = createViewerRegistry({
    openCursor: (start, wake) =>
      createCursor(start, tail.view, readPage, openingFrame, createPendingRequest(wake, clock.now, timings)),
    clock,
    timings,
    maxViewers,
    logger,
    onFirstViewer: pollLoop.start,
    onLastViewerGone: pollLoop.stop,
    onViewers,
  });

  function onChange(): void {
    pollLoop.noteChange();
    viewers.wakeAll();
  }

  return { ...viewers, notifyWrite: pollLoop.wake };
}

/** Polls a tail at an interval that adapts to its activity. */
export interface PollLoop {
  /** Starts polling, until {@link PollLoop.stop}. */
  start(): void;
  /** Stops polling, because the last viewer has disconnected. */
  stop(): void;
  /** Something has changed, so more changes are likely soon, for which viewers should not wait. */
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
