import type { Readable } from 'node:stream';
import { HttpProblem } from '../../shared/api/errors.ts';
import type { Logger } from '../../shared/observability/logger.ts';
import type { NextChunk, StartPosition } from './cursor.ts';
import type { Clock, StreamTimings } from './timing.ts';
import { createWakeSignal, type StreamBody, streamBody, viewerChunks, type WakeSignal } from './viewer.ts';

interface ViewerRegistryOptions {
  /** Creates a viewer's cursor; `wake` makes that viewer ask it for the next chunk. */
  readonly openCursor: (start: StartPosition, wake: () => void) => NextChunk;
  readonly clock: Pick<Clock, 'now' | 'every'>;
  readonly timings: Pick<
    StreamTimings,
    'tickMs' | 'heartbeatMs' | 'browserRetryMs' | 'slowReaderMs' | 'viewerBufferBytes'
  >;
  readonly maxViewers: number;
  readonly logger: Pick<Logger, 'info'>;
  /** Called when the first viewer has connected. */
  readonly onFirstViewer: () => void;
  /** Called when the last viewer has disconnected. */
  readonly onLastViewerGone: () => void;
  /** Called with the number of viewers: at the next tick after a change, and at once when it drops to 0. */
  readonly onViewers: (viewers: number) => void;
}

/** All viewers of this process. */
export interface ViewerRegistry {
  /**
   * Opens a stream.
   *
   * @param lifetimeMs After which the stream ends cleanly.
   * @throws HttpProblem `too_many_viewers`
   */
  open(start: StartPosition, lifetimeMs: number): Readable;
  /** Wakes every viewer: there may be something new to send. */
  wakeAll(): void;
  /** Ends every stream cleanly, and each one opened from now on. */
  close(): void;
  size(): number;
}

interface Viewer {
  readonly signal: WakeSignal;
  readonly body: StreamBody;
}

/** Seconds after which a refused viewer may try again. */
const RETRY_AFTER_SECONDS = '5';

/** Creates a registry without viewers. */
export function createViewerRegistry(options: ViewerRegistryOptions): ViewerRegistry {
  const { openCursor, clock, timings, maxViewers, logger, onFirstViewer, onLastViewerGone, onViewers } =
    options;
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
      chunks: viewerChunks(openCursor(start, signal.wake), signal, isOver, clock.now, timings),
      bufferBytes: timings.viewerBufferBytes,
      now: clock.now,
      onClose: () => {
        hasGone = true;
        signal.wake();
        remove(viewer);
      },
    });
    const viewer: Viewer = { signal, body };
    add(viewer);
    return body.readable;
  }

  function add(viewer: Viewer): void {
    viewers.add(viewer);
    if (viewers.size > 1) return;
    stopTicking = clock.every(timings.tickMs, tick);
    onFirstViewer();
  }

  function remove(viewer: Viewer): void {
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

  /** One timer for all viewers: drops those that don't read, and wakes the others for their heartbeat or their end. */
  function tick(): void {
    for (const viewer of viewers) {
      const offeredSince = viewer.body.offeredSince() ?? clock.now();
      if (clock.now() - offeredSince >= timings.slowReaderMs) drop(viewer);
      else viewer.signal.wake();
    }
    reportViewers();
  }

  function drop(viewer: Viewer): void {
    logger.info('Dropped a viewer that does not read; its browser will resume where it stopped.');
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
