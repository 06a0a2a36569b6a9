import { type Problem, problemOf, serverUnreachable, unreadable } from '../state/problem.ts';
import type { Message } from '../state/reduce.ts';
import { createMessageReader, type Received } from './message-reader.ts';

/**
 * The server sends at least a comment every 5 to 6 s. After this long without a byte the connection counts as dead, for
 * example after the machine was suspended: the network may not notice for minutes.
 */
const SILENCE_MS = 20_000;

/** The server ends each stream in good order after some minutes. After at least this long, reconnecting needs no delay. */
const GOOD_LIFE_MS = 5_000;

export interface LiveConnection {
  /** Tries at once if it is waiting. */
  retryNow(): void;
}

/**
 * Follows the stream for as long as the page is open, resuming where it was interrupted. Uses `fetch` because
 * `EventSource` gives up for good on an answer such as 503, hides the reason, and does not report the comments that keep a
 * quiet stream alive.
 *
 * @param heard Called when bytes arrive, comments included.
 */
export function connectLive(
  address: string,
  dispatch: (message: Message) => void,
  heard: () => void = () => undefined,
): LiveConnection {
  const reader = createMessageReader();
  /** Id of the last sale that was processed; null before the first one after a reset. */
  let lastId: string | null = null;
  let failures = 0;
  let wake = () => {};

  async function follow(): Promise<never> {
    for (;;) {
      const begin = Date.now();
      dispatch({ type: 'connection', connection: { kind: 'connecting' } });
      const problem = await connectOnce();
      if (problem === null && Date.now() - begin >= GOOD_LIFE_MS) continue;
      failures += 1;
      await pause(problem, retryDelay(failures, Math.random(), (problem?.retryAfter ?? 0) * 1_000));
    }
  }

  /** Resolves when the connection has ended: to null if the server ended it in good order. */
  async function connectOnce(): Promise<Problem | null> {
    const abort = new AbortController();
    try {
      const request = fetch(resumeAddress(), { cache: 'no-store', signal: abort.signal });
      const response = await withSilenceLimit(request, abort);
      if (!response.ok || !response.body) return await problemOf(response);
      dispatch({
        type: 'connection',
        connection: { kind: 'live', since: Date.now(), resumed: lastId !== null },
      });
      return await readAll(response.body, abort);
    } catch {
      return serverUnreachable();
    } finally {
      abort.abort();
    }
  }

  /** Resolves to null when the stream has ended in good order, or to the reason why it can't be read. @throws if the network fails. */
  async function readAll(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<Problem | null> {
    reader.restart();
    const source = body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await withSilenceLimit(source.read(), abort);
      if (done) return null;
      heard();
      try {
        take(reader.read(decoder.decode(value, { stream: true }), Date.now()));
      } catch (error) {
        reportError(error);
        return unreadable();
      }
      failures = 0;
    }
  }

  /** The position moves with each message: one that made the page fail, and all after it, are requested again. */
  function take(received: readonly Received[]): void {
    for (const { message, lastId: reached } of received) {
      dispatch(message);
      if (reached !== undefined) lastId = reached;
    }
  }

  function resumeAddress(): string {
    return lastId === null ? address : `${address}?since=${lastId}`;
  }

  async function pause(problem: Problem | null, ms: number): Promise<void> {
    dispatch({ type: 'connection', connection: { kind: 'away', retryAt: Date.now() + ms, problem } });
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, ms);
    });
  }

  void follow();
  return { retryNow: () => wake() };
}

/** Waits for the next bytes, response headers included; aborts the connection if that takes too long. */
function withSilenceLimit<Value>(next: Promise<Value>, abort: AbortController): Promise<Value> {
  const watchdog = setTimeout(() => abort.abort(), SILENCE_MS);
  return next.finally(() => clearTimeout(watchdog));
}

const FIRST_MS = 500;
const LONGEST_MS = 30_000;

/**
 * How long to wait before the next attempt: twice as long after each failure, with jitter, so that browsers
 * that lost the same server don't return at the same moment.
 *
 * @param failures Attempts that have failed in a row, at least 1.
 * @param random In [0, 1).
 * @param atLeastMs What the server has asked for.
 */
export function retryDelay(failures: number, random: number, atLeastMs = 0): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(atLeastMs, Math.round(whole * (0.5 + random / 2)));
}
