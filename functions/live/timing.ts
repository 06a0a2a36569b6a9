/** Time as the stream sees it; a border, so that tests decide when it passes. */
export interface Clock {
  /** Milliseconds that only grow; no date. */
  now(): number;
  /** Resolves after a time, or at once when the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls a function again and again until the returned function is called. */
  every(ms: number, call: () => void): () => void;
}

/** The machine's clock. */
export const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) =>
    new Promise((resolve) => {
      if (signal.aborted) return resolve();
      const wake = () => {
        clearTimeout(timer);
        signal.removeEventListener('abort', wake);
        resolve();
      };
      const timer = setTimeout(wake, ms);
      signal.addEventListener('abort', wake);
    }),
  every: (ms, call) => {
    const timer = setInterval(call, ms);
    return () => clearInterval(timer);
  },
};

/** Every duration (ms) and size of the stream, in one place so that a test can shrink them. */
export interface StreamTimings {
  /** Between two looks at the store while something happens. */
  readonly activePollMs: number;
  readonly quietPollMs: number;
  /** The least between two looks, however often a nudge asks for one. */
  readonly shortestPollMs: number;
  /** How long after the last change something is still taken to happen. */
  readonly activeForMs: number;
  /** The same while the current day is incomplete. Not for ever: Kafka may be down for hours. */
  readonly incompleteForMs: number;
  /** Pause after a failure; doubled with each further one up to the longest. */
  readonly firstBackOffMs: number;
  readonly longestBackOffMs: number;
  /** How often the streams are looked over: the grain of heartbeats, lifetimes and drops. */
  readonly tickMs: number;
  /** Silence after which a comment keeps proxies from closing the stream. */
  readonly heartbeatMs: number;
  /** How long a reader may leave a chunk untaken. */
  readonly slowReaderMs: number;
  /** Bytes that may wait in this process for one reader; beyond that nothing is made for it until it reads. */
  readonly viewerBufferBytes: number;
  /** What a browser is told to wait before it reconnects. */
  readonly browserRetryMs: number;
  /** Events asked of `feed` at once; a page of 1,000 is about 300 KB. */
  readonly pageSize: number;
  /** Bytes of encoded events kept for those who follow, and of pages kept for those who catch up. */
  readonly logBytes: number;
  readonly catchUpBytes: number;
  /** Pages asked for at once on behalf of viewers who catch up. */
  readonly catchUpConcurrency: number;
}

export const streamTimings: StreamTimings = {
  activePollMs: 50,
  quietPollMs: 250,
  shortestPollMs: 20,
  activeForMs: 5_000,
  incompleteForMs: 60_000,
  firstBackOffMs: 250,
  longestBackOffMs: 5_000,
  tickMs: 1_000,
  heartbeatMs: 15_000,
  slowReaderMs: 30_000,
  viewerBufferBytes: 65_536,
  browserRetryMs: 1_000,
  pageSize: 1_000,
  logBytes: 16_000_000,
  catchUpBytes: 8_000_000,
  catchUpConcurrency: 2,
};
