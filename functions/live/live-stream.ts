import type { Logger } from '../../shared/observability/logger.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import { createCursor } from './cursor.ts';
import { createPageReader, type PageSource } from './feed-pages.ts';
import { openingFrames } from './frames.ts';
import { createPendingRequest } from './pending-request.ts';
import { createPollLoop } from './poll-loop.ts';
import { createTail } from './tail.ts';
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
  const tail = createTail({ store, feed, pageSize: timings.pageSize, logBytes: timings.logBytes, onChange });
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
