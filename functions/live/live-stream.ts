import type { Logger } from '../../shared/observability/logger.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import type { Feed } from './feed-pages.ts';
import { createSharedPages } from './feed-pages.ts';
import { createPollLoop } from './poll-loop.ts';
import { createTail } from './tail.ts';
import type { Clock, StreamTimings } from './timing.ts';
import { createViewerRegistry, type ViewerRegistry } from './viewer-registry.ts';

export interface LiveStreamOptions {
  readonly store: Pick<SimulationStore, 'readSnapshot'>;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly timings: StreamTimings;
  readonly maxViewers: number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Told how many watch, within a second of a change. */
  readonly onViewers: (viewers: number) => void;
}

/** One reader of the stores, and everybody who watches. */
export interface LiveStream extends ViewerRegistry {
  /** The table was probably just written to. Nothing depends on being told so: it is seen by the next look anyway. */
  notifyWrite(): void;
}

/** Makes the live stream of a process. */
export function createLiveStream({
  store,
  feed,
  clock,
  timings,
  maxViewers,
  logger,
  onViewers,
}: LiveStreamOptions): LiveStream {
  const tail = createTail({ store, feed, pageSize: timings.pageSize, logBytes: timings.logBytes, onChange });
  const tailer = createPollLoop({ tail, clock, timings, logger });
  const askForPage = createSharedPages({
    feed,
    pageSize: timings.pageSize,
    concurrency: timings.catchUpConcurrency,
    maxBytes: timings.catchUpBytes,
    onFailure: (error) => logger.warn('A page of events could not be read; who wants it waits.', { error }),
  });
  const audience = createViewerRegistry({
    view: tail.view,
    readPage: askForPage,
    clock,
    timings,
    maxViewers,
    logger,
    onFirstViewer: tailer.start,
    onLastViewerGone: tailer.stop,
    onViewers: onViewers,
  });

  function onChange(): void {
    tailer.noteChange();
    audience.wakeAll();
  }

  return { ...audience, notifyWrite: tailer.wake };
}
