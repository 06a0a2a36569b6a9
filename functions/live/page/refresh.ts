/** Asks again when something has changed, and lets only the last answer count. */
export interface Refresh {
  /** The person has changed the question: what is under way is given up. Waits a little if more changes may follow. */
  now(afterMs?: number): void;
  /** The data has moved on: asks again when it is time for it, and only while somebody looks. */
  soon(): void;
  /** Somebody looks again: makes up for what was left undone. */
  resume(): void;
}

/** An answer that takes long is asked for less often: at most this part of the time is spent on it. */
const LOAD = 1 / 4;

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
  let nextAt = Number.NEGATIVE_INFINITY;

  async function start(): Promise<void> {
    clearTimeout(timer);
    running?.abort();
    const own = new AbortController();
    running = own;
    isDue = false;
    const begin = performance.now();
    await load(own.signal);
    if (running !== own) return;
    running = null;
    nextAt = begin + Math.max(gapMs, (performance.now() - begin) / LOAD);
    if (isDue) soon();
  }

  function soon(): void {
    isDue = true;
    if (running || !isLookedAt()) return;
    clearTimeout(timer);
    const wait = nextAt - performance.now();
    if (wait <= 0) void start();
    else timer = setTimeout(soon, wait);
  }

  return {
    now: (afterMs = 0) => {
      clearTimeout(timer);
      running?.abort();
      if (afterMs === 0) void start();
      else timer = setTimeout(() => void start(), afterMs);
    },
    soon,
    resume: () => {
      if (isDue) soon();
    },
  };
}
