import { getEnvironmentData } from 'node:worker_threads';

/**
 * Shows whether the table may have been written to: the number is the same as before only if nothing was written in between. Null
 * while something is being written.
 */
export type WriteStamp = () => number | null;

/** An item of the table as it is stored; undefined where there is none. */
type FoundItem = Readonly<Record<string, unknown>> | undefined;

/** Reads of a table. */
export interface ReadCache {
  /**
   * Returns what an earlier read with the same key returned or is about to, if nothing can have been written since it began; otherwise
   * reads. Requests that ask for the same at once share one read: a run of 731 days takes DynamoDB so long that each of many reads
   * would be too old before it had ended.
   */
  read(key: string, read: () => Promise<readonly FoundItem[]>): Promise<readonly FoundItem[]>;
}

/**
 * How long a read may be answered from memory. Only what the host doesn't see could be missed meanwhile: a write of another process,
 * or of a request that had been given up. Shorter than the pause between two polls of `live`, which look for just that.
 */
const KEPT_MS = 500;

/** More reads than one moment of one table needs; runs of days are large. */
const KEPT_READS = 20;

/** @param now milliseconds of a monotonic clock */
export function readCache(stamp: WriteStamp, now: () => number = () => performance.now()): ReadCache {
  const known = new Map<string, Promise<readonly FoundItem[]>>();
  let knownAt: number | null = null;
  let keptUntil = 0;

  /** Reads for all that ask while it lasts, and keeps what was read unless something was written meanwhile. */
  async function readOnce(key: string, read: () => Promise<readonly FoundItem[]>, before: number) {
    const reading = read();
    known.set(key, reading);
    const forget = () => known.get(key) === reading && known.delete(key);
    try {
      const found = await reading;
      // What was read while something was written belongs to neither stamp.
      if (stamp() !== before) forget();
      return found;
    } catch (error) {
      forget();
      throw error;
    }
  }

  return {
    async read(key, read) {
      const before = stamp();
      if (before === null) return read();
      if (before !== knownAt || now() >= keptUntil || known.size >= KEPT_READS) {
        known.clear();
        knownAt = before;
        keptUntil = now() + KEPT_MS;
      }
      return known.get(key) ?? readOnce(key, read, before);
    },
  };
}

/** Reads everything, every time. */
export const noReadCache: ReadCache = { read: (_key, read) => read() };

/**
 * The stamp that a host of this machine shares with its functions' threads as two integers: the number of writes that began or
 * ended, and the number of those in progress. Undefined where no host shares it, as on AWS.
 *
 * @param name Under which the host shares it (`setEnvironmentData`).
 */
export function sharedWriteStamp(name: string): WriteStamp | undefined {
  const shared = getEnvironmentData(name);
  if (!(shared instanceof SharedArrayBuffer)) return undefined;
  const counters = new Int32Array(shared);
  return () => {
    const changes = Atomics.load(counters, 0);
    return Atomics.load(counters, 1) === 0 ? changes : null;
  };
}
