/**
 * kafkajs takes some broken batches for empty ones without an error: it skips a batch whose record count was damaged to zero
 * or less, and fetches forever at a batch of an unknown format version. Both are detected here, before any record behind the
 * broken batch is delivered.
 */
import type { Consumer } from 'kafkajs';
import { watchEmptyBatches } from './kafka-codecs.ts';

export interface SilentFetchesOptions {
  readonly consumer: Consumer;
  /**
   * Looks for broken batches.
   *
   * @param positions By partition, the offset that kafkajs fetches next; partitions of which it has delivered nothing since it
   *   joined the group are missing.
   */
  readonly findBroken: (positions: ReadonlyMap<number, number>) => Promise<boolean>;
  /** A broken batch was found, or Kafka failed meanwhile. */
  readonly onFailure: (reason: unknown) => void;
}

export interface SilentFetches {
  /** Resolves when no search is running. */
  searched(): Promise<void>;
  /** The consumer continues from this offset. */
  seek(partition: number, offset: number | null): void;
  /** The consumer has joined its group. */
  forget(): void;
  stop(): void;
}

/** A broker delays an answer without data by half a second (MAX_WAIT_MS of the reader). */
const AT_ONCE_MS = 50;
/** Consecutive immediate answers of which nothing was delivered. */
const FETCHES_IN_VAIN = 10;
/** Between two searches after such answers, if the first has found nothing. */
const PAUSE_MS = 5_000;

/** Ends a reader that would have skipped a broken batch. */
export class BrokenBatchFound extends Error {
  constructor() {
    super('a broken batch was fetched and taken for an empty one');
    this.name = 'BrokenBatchFound';
  }
}

/**
 * Watches a consumer from before it joins its group, and searches for broken batches when it fetches repeatedly without
 * handing anything over.
 */
export function watchSilentFetches({ consumer, findBroken, onFailure }: SilentFetchesOptions): SilentFetches {
  const positions = new Map<number, number>();
  let running: Promise<void> | undefined;
  let inVain = 0;
  let notBefore = 0;
  const unwatch = watchEmptyBatches(search);

  function search(): void {
    // A copy, because kafkajs continues after the broken batch while the search runs.
    running ??= findBroken(new Map(positions))
      .then((isFound) => (isFound ? onFailure(new BrokenBatchFound()) : undefined), onFailure)
      .finally(() => {
        running = undefined;
      });
  }

  consumer.on(consumer.events.START_BATCH_PROCESS, ({ payload }) => {
    inVain = 0;
    positions.set(payload.partition, Number(payload.lastOffset) + 1);
  });
  consumer.on(consumer.events.FETCH, ({ payload }) => {
    inVain = payload.duration < AT_ONCE_MS ? inVain + 1 : 0;
    if (inVain < FETCHES_IN_VAIN || performance.now() < notBefore) return;
    inVain = 0;
    notBefore = performance.now() + PAUSE_MS;
    search();
  });

  return {
    searched: async () => running,
    seek(partition, offset) {
      if (offset !== null) positions.set(partition, offset);
    },
    forget: () => positions.clear(),
    stop: unwatch,
  };
}
