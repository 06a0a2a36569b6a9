/** Reloads when something has changed; only the last answer counts. */
export interface Refresh {
  /** The user changed the query: aborts the request in progress. Waits if more changes may follow. */
  now(afterMs?: number): void;
  /** The data changed: reloads when the gap allows it, and only while the result is visible. */
  soon(): void;
  /** The answer is still incomplete: reloads after growing gaps until the data changes. */
  follow(): void;
  /** The result is visible again: runs a reload that was postponed. */
  resume(): void;
}

/** While the data keeps changing, at most this fraction of the time is spent on reloading: slow answers are requested less often. */
const LOAD = 1 / 4;

/** Data that has not changed for this long, and for as long as an answer takes, is at rest. */
const REST_MS = 400;

/** The longest time between reloads of an incomplete answer, in gaps: many pages may be waiting for it. */
const LONGEST_FOLLOW_GAPS = 20;

/**
 * @param load Loads and shows; must show nothing once its signal was aborted.
 * @param gapMs The shortest time between two reloads of changed data.
 * @param isLookedAt Whether the result is visible; call `resume` when it becomes visible.
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
  /** Gaps until the next reload of an incomplete answer; 0 while the answer is complete. */
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
      // A bug of this page: it is reported, and the next answer may still be readable.
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

  /** Data at rest is reloaded as soon as the gap allows, so that a stale answer isn't shown for long. */
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
