/** Measures how long this process has waited, not how long it was kept waiting by a machine that stood still. */
export interface Stopwatch {
  /** Seconds since the start without those in which the process could not run. */
  stop(): number;
}

const TICK_MS = 50;
/** What is more than that between two ticks is a time in which the process stood still. */
const LONGEST_TICK_MS = 4 * TICK_MS;

export function startStopwatch(): Stopwatch {
  let milliseconds = 0;
  let last = performance.now();
  const count = () => {
    const now = performance.now();
    milliseconds += Math.min(now - last, LONGEST_TICK_MS);
    last = now;
  };
  const ticks = setInterval(count, TICK_MS);
  return {
    stop() {
      clearInterval(ticks);
      count();
      return milliseconds / 1_000;
    },
  };
}
