/** Asks again when something has changed, and lets only the last answer count. */
export interface Refresh {
  /** The person has changed the question: what is under way is given up. Waits a little if more changes may follow. */
  now(afterMs?: number): void;
  /** The data has moved on: asks again when it is time for it, and only while somebody looks. */
  soon(): void;
  /** The answer says that something is still to come: asks again, after longer and longer gaps until the data moves. */
  follow(): void;
  /** Somebody looks again: makes up for what was left undone. */
  resume(): void;
}

/** An answer that takes long is asked for less often: while data moves on, at most this part of the time is spent on it. */
const LOAD = 1 / 4;

/** Data that has not moved for that long, and for as long as an answer takes, has come to rest. */
const REST_MS = 400;

/** What is still to come after that many gaps may be long in coming, and many pages may wait for it. */
const LONGEST_FOLLOW_GAPS = 20;

/**
 * @param load Asks and shows; what comes after its signal was aborted must not be shown.
 * @param gapMs The shortest time from one refresh of moved data to the next.
 * @param isLookedAt Whether anybody can see the result; call `resume` when that becomes so.
 */
export function createRefresh(
  load: (signal: AbortSignal) => Promise<void>,
  isLookedAt: () => boolean,
  gapMs: number,
): Refresh {
  let running: AbortController | null = null;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let isDue = false;
  let movedAt = Number.NEGATIVE_INFINITY;
  /** How many gaps what is still to come is given; 0 while nothing is followed. */
  let followedGaps = 0;
  let last = { begin: Number.NEGATIVE_INFINITY, tookMs: 0 };

  async function start(): Promise<void> {
    clearTimeout(timer);
    running?.abort();
    const own = new AbortController();
    running = own;
    isDue = false;
    const begin = performance.now();
    try {
      await load(own.signal);
    } catch (error) {
      // A fault of this page: it is told, and the next answer may be read all the same.
      reportError(error);
    }
    if (running !== own) return;
    running = null;
    last = { begin, tookMs: performance.now() - begin };
    if (isDue) goOn();
  }

  function goOn(): void {
    if (running || !isLookedAt()) return;
    clearTimeout(timer);
    const wait = dueAt() - performance.now();
    if (wait <= 0) void start();
    else timer = setTimeout(goOn, wait);
  }

  /** Data at rest is asked for as soon as the gap allows: nobody should look at an old answer for long. */
  function dueAt(): number {
    const restingAt = movedAt + Math.max(REST_MS, last.tookMs);
    return (
      last.begin +
      Math.max(gapMs * Math.max(followedGaps, 1), Math.min(last.tookMs / LOAD, restingAt - last.begin))
    );
  }

  return {
    now: (afterMs = 0) => {
      clearTimeout(timer);
      running?.abort();
      if (afterMs === 0) void start();
      else timer = setTimeout(() => void start(), afterMs);
    },
    soon: () => {
      isDue = true;
      movedAt = performance.now();
      followedGaps = 0;
      goOn();
    },
    follow: () => {
      followedGaps = Math.min(Math.max(followedGaps * 2, 1), LONGEST_FOLLOW_GAPS);
      isDue = true;
      goOn();
    },
    resume: () => {
      if (isDue) goOn();
    },
  };
}
