type Offsets = ReadonlyMap<number, number>;

/** Commits offsets one request at a time, beside the work that goes on. */
export interface OffsetCommitter {
  /** What comes while a request is under way goes with the next one; per partition the newest counts. */
  commit(offsets: Offsets): void;
  /** Drops what has not been sent. */
  forget(): void;
  /** Resolves when nothing is under way. */
  flush(): Promise<void>;
}

/** @param onFailure Told of a request that failed: its records may come again. */
export function createOffsetCommitter(
  send: (offsets: Offsets) => Promise<void>,
  onFailure: (error: unknown) => void,
): OffsetCommitter {
  let next = new Map<number, number>();
  let sending: Promise<void> | undefined;

  async function sendAll(): Promise<void> {
    while (next.size > 0) {
      const offsets = next;
      next = new Map();
      await send(offsets).catch(onFailure);
    }
    sending = undefined;
  }

  return {
    commit(offsets) {
      for (const [partition, offset] of offsets) next.set(partition, offset);
      sending ??= sendAll();
    },
    forget() {
      next = new Map();
    },
    flush: async () => sending,
  };
}
