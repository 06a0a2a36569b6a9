import { Readable } from 'node:stream';

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
