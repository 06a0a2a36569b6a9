import { createClosing } from './waiting.ts';

type Offsets = ReadonlyMap<number, number>;

/** Commits offsets one request at a time, beside the work that goes on. */
export interface OffsetCommitter {
  /** What comes while a request is under way goes with the next one; per partition the newest counts. */
  commit(offsets: Offsets): void;
  /** Drops what has not been sent. */
  forget(): void;
  /** Resolves when nothing is under way. A request that fails from now on is not repeated: its records come again. */
  flush(): Promise<void>;
}

export interface OffsetCommitterOptions {
  readonly send: (offsets: Offsets) => Promise<void>;
  /** Told of a request that failed. */
  readonly onFailure: (error: unknown) => void;
  /** Resolves when a request may be repeated after so many failures in a row. */
  readonly pause: (failures: number) => Promise<void>;
}

export function createOffsetCommitter({ send, onFailure, pause }: OffsetCommitterOptions): OffsetCommitter {
  let next = new Map<number, number>();
  let sending: Promise<void> | undefined;
  /** Grows when what was not sent is dropped: what fails later belongs to nobody. */
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
        // Without another batch nobody else would ever send them.
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
