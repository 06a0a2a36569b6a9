import { Readable } from 'node:stream';
import { type CursorOptions, createCursor } from './cursor.ts';
import { HEARTBEAT_FRAME, retryFrame } from './frames.ts';
import type { StreamTimings } from './timing.ts';

export interface ViewerOptions extends CursorOptions {
  /** Wakes this viewer when there is something new, and at every tick. */
  readonly signal: WakeSignal;
  readonly timings: CursorOptions['timings'] & Pick<StreamTimings, 'heartbeatMs' | 'browserRetryMs'>;
  /** Whether the stream is to end in good order now. */
  readonly isOver: () => boolean;
}

/**
 * The chunks of one viewer's stream, made when the viewer takes them: for a slow reader nothing piles up. It ends only
 * in good order; a failure of the stores lets it wait.
 */
export async function* viewerChunks(options: ViewerOptions): AsyncGenerator<Buffer, void> {
  const { signal, clock, timings, isOver } = options;
  const nextChunk = createCursor(options);
  yield retryFrame(timings.browserRetryMs);
  let sentAt = clock.now();
  while (!isOver()) {
    const isSilent = clock.now() - sentAt >= timings.heartbeatMs;
    const chunk = nextChunk() ?? (isSilent ? HEARTBEAT_FRAME : null);
    if (chunk) {
      yield chunk;
      sentAt = clock.now();
    } else {
      await signal.wait();
    }
  }
}

/** Lets one waiter sleep until somebody wakes it. A call while nobody waits is kept for the next wait. */
export interface WakeSignal {
  wake(): void;
  wait(): Promise<void>;
}

export function createWakeSignal(): WakeSignal {
  let called = false;
  let resolveWaiter: (() => void) | null = null;
  return {
    wake: () => {
      called = true;
      resolveWaiter?.();
      resolveWaiter = null;
    },
    wait: async () => {
      if (!called) await new Promise<void>((resolve) => (resolveWaiter = resolve));
      called = false;
    },
  };
}

/** A response body that is made while it is read. */
export interface StreamBody {
  readonly readable: Readable;
  /** Since when it waits for its reader, be it to begin or to take a chunk; null while the reader waits. */
  offeredSince(): number | null;
}

export interface StreamBodyOptions {
  readonly chunks: AsyncGenerator<Buffer, void>;
  /** Once so many bytes wait to be taken, no further chunk is made. */
  readonly bufferBytes: number;
  /** The time that `offeredSince` is told in. */
  readonly now: () => number;
  /** The body has ended or its reader has gone. A generator that sleeps has to be woken and end by itself. */
  readonly onClose: () => void;
}

/** A body of the chunks of a generator. Unlike `Readable.from`, it closes at once also while the generator sleeps. */
export function streamBody({ chunks, bufferBytes, now, onClose }: StreamBodyOptions): StreamBody {
  let offeredSince: number | null = now();
  const readable = new Readable({
    highWaterMark: bufferBytes,
    read: () => {
      offeredSince = null;
      void offerNext();
    },
    destroy: (error, done) => {
      onClose();
      done(error);
    },
  });

  async function offerNext(): Promise<void> {
    try {
      const { value } = await chunks.next();
      if (readable.destroyed) return;
      offeredSince = now();
      readable.push(value ?? null);
    } catch (error) {
      readable.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  }

  return { readable, offeredSince: () => offeredSince };
}
