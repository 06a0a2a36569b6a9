import type { Readable } from 'node:stream';
import { HttpProblem } from '../../shared/api/errors.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { ReadPage } from './feed-pages.ts';
import type { StartPosition } from './start-position.ts';
import type { LiveView } from './tail.ts';
import type { Clock, StreamTimings } from './timing.ts';
import { createWakeSignal, type StreamBody, streamBody, viewerChunks, type WakeSignal } from './viewer.ts';

export interface ViewerRegistryOptions {
  readonly view: () => LiveView | null;
  readonly readPage: ReadPage;
  readonly clock: Clock;
  readonly timings: StreamTimings;
  readonly maxViewers: number;
  readonly logger: Pick<Logger, 'info'>;
  /** The first viewer has come. */
  readonly onFirstViewer: () => void;
  /** The last viewer has gone. */
  readonly onLastViewerGone: () => void;
  /** Told how many watch: at the next tick after a change, and at once when nobody does. */
  readonly onViewers: (viewers: number) => void;
}

/** All viewers of this process. */
export interface ViewerRegistry {
  /**
   * A stream that begins at a point and ends in good order after a time.
   *
   * @throws HttpProblem `too_many_viewers`
   */
  open(start: StartPosition, lifetimeMs: number): Readable;
  /** There may be something new to see. */
  wakeAll(): void;
  /** Ends every stream in good order, and each that is opened from now on. */
  close(): void;
  size(): number;
}

interface Viewer {
  readonly signal: WakeSignal;
  readonly body: StreamBody;
}

/** Seconds after which a viewer who found no place may try again. */
const RETRY_AFTER_SECONDS = '5';

export function createViewerRegistry(options: ViewerRegistryOptions): ViewerRegistry {
  const { clock, timings, maxViewers, logger, onFirstViewer, onLastViewerGone, onViewers } = options;
  const viewers = new Set<Viewer>();
  let reportedViewers = 0;
  let isClosed = false;
  let stopTicking = () => {};

  function open(start: StartPosition, lifetimeMs: number): Readable {
    if (viewers.size >= maxViewers) throw tooManyViewers(maxViewers);
    const endsAt = clock.now() + lifetimeMs;
    const signal = createWakeSignal();
    let hasGone = false;
    const isOver = () => hasGone || isClosed || clock.now() >= endsAt;
    const body = streamBody({
      chunks: viewerChunks({ ...options, start, signal, isOver }),
      bufferBytes: timings.viewerBufferBytes,
      now: clock.now,
      onClose: () => {
        hasGone = true;
        signal.wake();
        leave(viewer);
      },
    });
    const viewer: Viewer = { signal, body };
    enter(viewer);
    return body.readable;
  }

  function enter(viewer: Viewer): void {
    viewers.add(viewer);
    if (viewers.size > 1) return;
    stopTicking = clock.every(timings.tickMs, tick);
    onFirstViewer();
  }

  function leave(viewer: Viewer): void {
    viewers.delete(viewer);
    if (viewers.size > 0) return;
    stopTicking();
    onLastViewerGone();
    reportViewers();
  }

  function reportViewers(): void {
    if (viewers.size === reportedViewers) return;
    reportedViewers = viewers.size;
    onViewers(reportedViewers);
  }

  /** One timer for all: drops who does not read, and lets the others see to their heartbeat and their end. */
  function tick(): void {
    for (const viewer of viewers) {
      const offeredSince = viewer.body.offeredSince() ?? clock.now();
      if (clock.now() - offeredSince >= timings.slowReaderMs) drop(viewer);
      else viewer.signal.wake();
    }
    reportViewers();
  }

  function drop(viewer: Viewer): void {
    logger.info('A viewer who does not read was dropped; its browser resumes where it stopped.');
    viewer.body.readable.destroy();
  }

  function wakeAll(): void {
    for (const viewer of viewers) viewer.signal.wake();
  }

  return {
    open,
    wakeAll,
    close: () => {
      isClosed = true;
      wakeAll();
    },
    size: () => viewers.size,
  };
}

function tooManyViewers(maxViewers: number): HttpProblem {
  return new HttpProblem(
    'too_many_viewers',
    `All ${maxViewers} places at the live stream are taken. Try again in ${RETRY_AFTER_SECONDS} seconds.`,
    { headers: { 'retry-after': RETRY_AFTER_SECONDS } },
  );
}
