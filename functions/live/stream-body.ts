import { Readable } from 'node:stream';

/** A response body that is made while it is read. */
export interface StreamBody {
  readonly readable: Readable;
  /** Since when a chunk waits to be taken; null if none does. */
  offeredSince(): number | null;
}

/**
 * A body of the chunks of a generator. Unlike `Readable.from`, it closes at once when its reader goes, also while the
 * generator sleeps; the generator is told by `onClose` and has to end by itself.
 *
 * @param now The time that `offeredSince` is told in.
 */
export function streamBody(
  chunks: AsyncGenerator<Buffer, void>,
  now: () => number,
  onClose: () => void,
): StreamBody {
  let offeredSince: number | null = null;
  const readable = new Readable({
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
