/** Measures running time, not time during which the process was suspended. */
export interface Stopwatch {
  /** Seconds since the start, excluding time in which the process could not run. */
  stop(): number;
}

const TICK_MS = 50;
/** A longer gap between two ticks means that the process was suspended. */
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
