import { createClosing } from './event-source.ts';

type Offsets = ReadonlyMap<number, number>;

/** Commits offsets, one request at a time, while other work continues. */
export interface OffsetCommitter {
  /** Offsets that arrive during a request are sent with the next one, only the newest of each partition. */
  commit(offsets: Offsets): void;
  /** Drops offsets that haven't been sent. */
  forget(): void;
  /** Resolves when no request is running. A request that fails from now on isn't retried: its records are delivered again. */
  flush(): Promise<void>;
}

export interface OffsetCommitterOptions {
  readonly send: (offsets: Offsets) => Promise<void>;
  /** Called when a request failed. */
  readonly onFailure: (error: unknown) => void;
  /** Resolves when a request may be retried after this number of consecutive failures. */
  readonly pause: (failures: number) => Promise<void>;
}

/** Creates a committer. It has one request at a time, which carries the latest offsets, and retries a failed one. */
export function createOffsetCommitter({ send, onFailure, pause }: OffsetCommitterOptions): OffsetCommitter {
  let next = new Map<number, number>();
  let sending: Promise<void> | undefined;
  /** Incremented by `forget`: requests from before must not be retried. */
  let generation = 0;
  const flushing = createClosing();
  let isFlushing = false;

  async function sendAll(): Promise<void> {
    for (let failures = 0; next.size > 0; ) {
      const mine = generation;
      const offsets = next;
      next = new Map();
      try {
        await send(offsets);
        failures = 0;
      } catch (error) {
        onFailure(error);
        if (isFlushing) continue;
        failures += 1;
        // Without another batch nothing else would send them.
        if (mine === generation) next = new Map([...offsets, ...next]);
        await flushing.orClosed(pause(failures));
      }
    }
    sending = undefined;
  }

  return {
    commit(offsets) {
      for (const [partition, offset] of offsets) next.set(partition, offset);
      sending ??= sendAll();
    },
    forget() {
      generation += 1;
      next = new Map();
    },
    async flush() {
      isFlushing = true;
      flushing.close();
      await sending;
    },
  };
}
