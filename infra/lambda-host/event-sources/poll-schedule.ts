import { setTimeout as delay } from 'node:timers/promises';

/** Decides when to poll next. */
export interface PollSchedule {
  /** Waits until the next poll is due; returns at once after `stop`. */
  untilNextPoll(): Promise<void>;
  /** The last poll found something. */
  found(): void;
  /** Something has probably just happened: polls several times soon. */
  wake(): void;
  stop(): void;
}

/**
 * A write of DynamoDB shows up in its stream after 3 to 15 ms; a busy machine may take longer. A poll at once would find nothing
 * and cost as much as any other: 2 ms here and 1 ms in DynamoDB Local.
 */
const AFTER_WAKE_MS = [3, 4, 10, 40, 100];

/** Wake-ups that follow each other sooner than this are one sequence. A page that plays five days a second, one every 200 ms, is none. */
const SEQUENCE_MS = 150;

/** Wake-ups of a sequence that are followed at once: someone may click that fast for a moment. */
const FOLLOWED_AT_ONCE = 5;

/**
 * Between the polls of a longer sequence. Each batch costs its function five requests or more, whatever it contains, so that on two
 * processors hundreds of writes in a row take less time if a batch has several of them.
 */
const IN_SEQUENCE_MS = 60;

/** It is quiet when nothing has happened for this long. */
const QUIET_AFTER_MS = 5_000;

/** The passage of time, in milliseconds. */
interface Clock {
  readonly now: () => number;
  /** Resolves after some time, or as soon as the signal aborts. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
}

const systemClock: Clock = {
  now: () => performance.now(),
  sleep: (ms, signal) => delay(ms, undefined, { signal }).catch(() => undefined),
};

/** @param pollMs Time between polls while things happen, and while it is quiet. */
export function createPollSchedule(
  pollMs: { readonly busy: number; readonly quiet: number },
  { now, sleep }: Clock = systemClock,
): PollSchedule {
  /** When the first poll after a wake-up is due; undefined if there was none since the last poll. */
  let first: number | undefined;
  /** Pauses before the polls after that. */
  let soon: readonly number[] = [];
  let lastBusy = now();
  let lastPoll = Number.NEGATIVE_INFINITY;
  let lastWake = Number.NEGATIVE_INFINITY;
  let inSequence = 0;
  let waiting = new AbortController();
  let stopped = false;

  function regularPause(): number {
    return now() - lastBusy < QUIET_AFTER_MS ? pollMs.busy : pollMs.quiet;
  }

  function nextPause(): number {
    const [pause = regularPause(), ...rest] = soon;
    soon = rest;
    return pause;
  }

  return {
    async untilNextPoll() {
      const regular = now() + (first === undefined ? nextPause() : Number.POSITIVE_INFINITY);
      // A wake-up may bring a poll forward, never put it off.
      const due = () => Math.min(regular, first ?? Number.POSITIVE_INFINITY);
      do {
        waiting = new AbortController();
        if (!stopped) await sleep(Math.max(0, due() - now()), waiting.signal);
      } while (waiting.signal.aborted && !stopped && now() < due());
      first = undefined;
      lastPoll = now();
    },
    found() {
      lastBusy = now();
    },
    wake() {
      const at = now();
      inSequence = at - lastWake < SEQUENCE_MS ? inSequence + 1 : 1;
      lastWake = at;
      lastBusy = at;
      const isLong = inSequence > FOLLOWED_AT_ONCE;
      const [pause = 0, ...rest] = AFTER_WAKE_MS;
      const next = isLong ? Math.max(at + pause, lastPoll + IN_SEQUENCE_MS) : at + pause;
      first = Math.min(first ?? next, next);
      soon = isLong ? [IN_SEQUENCE_MS, IN_SEQUENCE_MS, IN_SEQUENCE_MS] : rest;
      waiting.abort();
    },
    stop() {
      stopped = true;
      waiting.abort();
    },
  };
}
