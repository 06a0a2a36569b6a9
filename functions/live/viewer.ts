import { Readable } from 'node:stream';
import type { NextChunk } from './cursor.ts';
import { HEARTBEAT_FRAME, retryFrame } from './frames.ts';
import type { StreamTimings } from './timing.ts';

/**
 * Generates one viewer's stream. A chunk is made when the reader takes it, so nothing piles up for a slow one. The
 * generator ends only cleanly; while the stores fail it waits.
 *
 * @param signal Wakes the viewer when there may be something new, and at every tick.
 * @param isOver Whether the stream should end now.
 * @param now Milliseconds of a monotonic clock.
 */
export async function* viewerChunks(
  nextChunk: NextChunk,
  signal: WakeSignal,
  isOver: () => boolean,
  now: () => number,
  { heartbeatMs, browserRetryMs }: Pick<StreamTimings, 'heartbeatMs' | 'browserRetryMs'>,
): AsyncGenerator<Buffer, void> {
  yield retryFrame(browserRetryMs);
  let sentAt = now();
  while (!isOver()) {
    const isSilent = now() - sentAt >= heartbeatMs;
    const chunk = nextChunk() ?? (isSilent ? HEARTBEAT_FRAME : null);
    if (chunk) {
      yield chunk;
      sentAt = now();
    } else {
      await signal.wait();
    }
  }
}

/** Suspends one waiter until it is woken. A wake-up while nothing waits is kept for the next wait. */
export interface WakeSignal {
  wake(): void;
  wait(): Promise<void>;
}

/** Creates a signal that hasn't been woken. A wake before `wait` is remembered. */
export function createWakeSignal(): WakeSignal {
  let isWoken = false;
  let resolveWaiter: (() => void) | null = null;
  return {
    wake: () => {
      isWoken = true;
      resolveWaiter?.();
      resolveWaiter = null;
    },
    wait: async () => {
      if (!isWoken) await new Promise<void>((resolve) => (resolveWaiter = resolve));
      isWoken = false;
    },
  };
}

/** A response body that is made while it is read. */
export interface StreamBody {
  readonly readable: Readable;
  /** Since when a chunk, or the body itself, has been waiting for the reader; null while the reader waits. */
  offeredSince(): number | null;
}

interface StreamBodyOptions {
  readonly chunks: AsyncGenerator<Buffer, void>;
  /** No further chunk is made while this many bytes wait for the reader. */
  readonly bufferBytes: number;
  /** The clock of `offeredSince`, in milliseconds. */
  readonly now: () => number;
  /** Called when the body has ended or its reader has disconnected; must wake a waiting generator so that it ends. */
  readonly onClose: () => void;
}

/** Streams the chunks of a generator. Unlike `Readable.from`, it closes at once even while the generator waits. */
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
