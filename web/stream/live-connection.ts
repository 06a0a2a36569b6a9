import { type Problem, problemOf, serverUnreachable, unreadable } from '../state/problem.ts';
import type { Message } from '../state/reduce.ts';
import type { Connection } from '../state/state.ts';
import { createMessageReader, type Received } from './message-reader.ts';

/**
 * The server sends at least a comment every 5 to 6 s. After this long without a byte the connection counts as dead, for
 * example after the machine was suspended: the network may not notice for minutes.
 */
const SILENCE_MS = 20_000;

/** The server ends each stream cleanly after some minutes. If it lasted at least this long, reconnecting needs no delay. */
const GOOD_LIFE_MS = 5_000;

export interface LiveConnection {
  /** Reconnects at once if it is waiting to. */
  retryNow(): void;
}

/** Where the messages of a stream go. */
export interface StreamTarget {
  /** Id of the last sale that was processed; null before the first one after a reset. A connection resumes after it. */
  lastId(): string | null;
  /** Processes the messages of a chunk, none for a comment. @throws if one fails; it and all after it are requested again. */
  take(received: readonly Received[]): void;
  connection(connection: Connection): void;
  /** Called when bytes arrive, comments included. */
  heard(): void;
}

/** A stream that can be closed and reopened, resuming where it was interrupted. */
export interface OwnStream extends LiveConnection {
  isOpen(): boolean;
  open(): void;
  close(): void;
}

/**
 * Follows the stream for as long as the page is open, resuming where it was interrupted.
 *
 * @param heard Called when bytes arrive, comments included.
 * @param share How tabs of one browser share a stream; by default each tab has its own.
 */
export function connectLive(
  address: string,
  dispatch: (message: Message) => void,
  heard: () => void = () => undefined,
  share: ShareStream = openOwnStream,
): LiveConnection {
  let lastId: string | null = null;
  const target: StreamTarget = {
    lastId: () => lastId,
    take: (received) => {
      for (const { message, lastId: reached } of received) {
        dispatch(message);
        if (reached !== undefined) lastId = reached;
      }
    },
    connection: (connection) => dispatch({ type: 'connection', connection }),
    heard,
  };
  return share(target, (ownTarget) => createOwnStream(address, ownTarget));
}

/** Connects a page's target to a stream. @param createStream Creates a closed stream of this tab's own. */
export type ShareStream = (
  target: StreamTarget,
  createStream: (target: StreamTarget) => OwnStream,
) => LiveConnection;

const openOwnStream: ShareStream = (target, createStream) => {
  const stream = createStream(target);
  stream.open();
  return stream;
};

/**
 * Uses `fetch` because `EventSource` gives up for good on an answer such as 503, hides the reason, and does not report the
 * comments that keep a quiet stream alive.
 */
function createOwnStream(address: string, target: StreamTarget): OwnStream {
  const reader = createMessageReader();
  let failures = 0;
  let wake = () => {};
  /** Aborted when the stream is closed; null while it is. */
  let opened: AbortController | null = null;

  async function follow({ signal }: AbortController): Promise<void> {
    while (!signal.aborted) {
      const begin = Date.now();
      target.connection({ kind: 'connecting' });
      const problem = await connectOnce(signal);
      if (signal.aborted) return;
      if (problem === null && Date.now() - begin >= GOOD_LIFE_MS) continue;
      failures += 1;
      await pause(problem, retryDelay(failures, Math.random(), (problem?.retryAfter ?? 0) * 1_000));
    }
  }

  /** Resolves when the connection has ended: to null if the server ended it cleanly. */
  async function connectOnce(closed: AbortSignal): Promise<Problem | null> {
    const abort = new AbortController();
    const close = () => abort.abort();
    closed.addEventListener('abort', close);
    try {
      const request = fetch(resumeAddress(), { cache: 'no-store', signal: abort.signal });
      const response = await withSilenceLimit(request, abort);
      if (!response.ok || !response.body) return await problemOf(response);
      target.connection({ kind: 'live', since: Date.now(), resumed: target.lastId() !== null });
      return await readAll(response.body, abort);
    } catch {
      return serverUnreachable();
    } finally {
      closed.removeEventListener('abort', close);
      abort.abort();
    }
  }

  /** Resolves to null when the stream has ended cleanly, or to the reason why it can't be read. @throws if the network fails. */
  async function readAll(body: ReadableStream<Uint8Array>, abort: AbortController): Promise<Problem | null> {
    reader.restart();
    const source = body.getReader();
    const decoder = new TextDecoder();
    for (;;) {
      const { done, value } = await withSilenceLimit(source.read(), abort);
      if (abort.signal.aborted || done) return null;
      target.heard();
      try {
        target.take(reader.read(decoder.decode(value, { stream: true }), Date.now()));
      } catch (error) {
        reportError(error);
        return unreadable();
      }
      failures = 0;
    }
  }

  function resumeAddress(): string {
    const lastId = target.lastId();
    return lastId === null ? address : `${address}?since=${lastId}`;
  }

  async function pause(problem: Problem | null, ms: number): Promise<void> {
    target.connection({ kind: 'away', retryAt: Date.now() + ms, problem });
    await new Promise<void>((resolve) => {
      wake = resolve;
      setTimeout(resolve, ms);
    });
  }

  return {
    isOpen: () => opened !== null,
    open: () => {
      if (opened) return;
      opened = new AbortController();
      void follow(opened);
    },
    close: () => {
      opened?.abort();
      opened = null;
      wake();
    },
    retryNow: () => wake(),
  };
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
 * @param atLeastMs The delay that the server has requested.
 */
export function retryDelay(failures: number, random: number, atLeastMs = 0): number {
  const whole = Math.min(LONGEST_MS, FIRST_MS * 2 ** (failures - 1));
  return Math.max(atLeastMs, Math.round(whole * (0.5 + random / 2)));
}
