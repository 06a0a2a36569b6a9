/** The passage of time, injected so that tests control it. */
export interface Clock {
  /** Milliseconds of a monotonic clock. */
  now(): number;
  /** Resolves after `ms` milliseconds, or as soon as the signal aborts. */
  sleep(ms: number, signal: AbortSignal): Promise<void>;
  /** Calls a function every `ms` milliseconds until the returned function is called. */
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

/** Every duration (ms) and size (bytes) of the stream, in one place so that tests can shrink them. */
export interface StreamTimings {
  /** Pause between two polls of the store while sales arrive. */
  readonly activePollMs: number;
  /** Pause between two polls while nothing happens. */
  readonly quietPollMs: number;
  /** Shortest pause between two polls, however often the loop is woken. */
  readonly shortestPollMs: number;
  /** How long after the last change the stream counts as active. */
  readonly activeForMs: number;
  /** The same while the current day is incomplete; limited, because Kafka may be down for hours. */
  readonly incompleteForMs: number;
  /** How long the status of an incomplete day waits for the day's sales, so that viewers get both at once. */
  readonly statusHoldMs: number;
  /** Pause after the first failure; doubled with each further one, up to the longest. */
  readonly firstBackOffMs: number;
  readonly longestBackOffMs: number;
  /** How often all streams are checked: the resolution of heartbeats, lifetimes and drops. */
  readonly tickMs: number;
  /** Silence after which a comment is sent: proxies keep the stream open, and the page knows that the server is alive. */
  readonly heartbeatMs: number;
  /** How long a reader may leave a chunk unread before it is dropped. */
  readonly slowReaderMs: number;
  /** Bytes buffered for one reader; no further chunk is made while this many are unread. */
  readonly viewerBufferBytes: number;
  /** How long browsers should wait before they reconnect. */
  readonly browserRetryMs: number;
  /** Events per request to `feed`; a page of 1,000 is about 300 KB. */
  readonly pageSize: number;
  /** Bytes of encoded events kept for viewers that follow the log. */
  readonly logBytes: number;
  /** Bytes of encoded pages kept for viewers that catch up. */
  readonly catchUpBytes: number;
  /** Concurrent page requests on behalf of viewers that catch up. */
  readonly catchUpConcurrency: number;
}

export const streamTimings: StreamTimings = {
  activePollMs: 50,
  quietPollMs: 250,
  shortestPollMs: 20,
  activeForMs: 5_000,
  incompleteForMs: 60_000,
  statusHoldMs: 100,
  firstBackOffMs: 250,
  longestBackOffMs: 5_000,
  tickMs: 1_000,
  heartbeatMs: 5_000,
  slowReaderMs: 30_000,
  viewerBufferBytes: 65_536,
  browserRetryMs: 1_000,
  pageSize: 1_000,
  logBytes: 16_000_000,
  catchUpBytes: 8_000_000,
  catchUpConcurrency: 2,
};
