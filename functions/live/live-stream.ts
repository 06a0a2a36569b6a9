import type { Logger } from '../../shared/observability/logger.ts';
import type { SimulationStore } from '../../shared/simulation/store.ts';
import { type Audience, createAudience } from './audience.ts';
import type { Clock } from './clock.ts';
import type { Feed } from './feed-client.ts';
import type { StreamTimings } from './settings.ts';
import { createSharedPages } from './shared-pages.ts';
import { createTail } from './tail.ts';
import { createTailer } from './tailer.ts';

export interface LiveStreamOptions {
  readonly store: Pick<SimulationStore, 'snapshot'>;
  readonly feed: Feed;
  readonly clock: Clock;
  readonly timings: StreamTimings;
  readonly maxViewers: number;
  readonly logger: Pick<Logger, 'info' | 'warn'>;
  /** Told how many watch, within a second of a change. */
  readonly onViewers: (viewers: number) => void;
}

/** The live stream of a process: one reader of the stores, and everybody who watches. */
export function createLiveStream({
  store,
  feed,
  clock,
  timings,
  maxViewers,
  logger,
  onViewers,
}: LiveStreamOptions): Audience {
  const tail = createTail({ store, feed, pageSize: timings.pageSize, logBytes: timings.logBytes, onChange });
  const tailer = createTailer({ tail, clock, timings, logger });
  const askForPage = createSharedPages({
    feed,
    pageSize: timings.pageSize,
    concurrency: timings.catchUpConcurrency,
    maxBytes: timings.catchUpBytes,
    onFailure: (error) => logger.warn('A page of events could not be read; who wants it waits.', { error }),
  });
  const audience = createAudience({
    view: tail.view,
    askForPage,
    clock,
    timings,
    maxViewers,
    logger,
    onOccupied: tailer.start,
    onEmpty: tailer.stop,
    onViewers,
  });

  function onChange(): void {
    tailer.noteChange();
    audience.wakeAll();
  }

  return audience;
}
