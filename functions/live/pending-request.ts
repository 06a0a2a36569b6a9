import type { PageAnswer } from './feed-pages.ts';
import type { Clock, StreamTimings } from './timing.ts';
import type { WakeSignal } from './viewer.ts';

export interface PendingRequestOptions {
  /** Called when an answer has come. */
  readonly signal: Pick<WakeSignal, 'wake'>;
  readonly clock: Pick<Clock, 'now'>;
  readonly timings: Pick<StreamTimings, 'firstBackOffMs' | 'longestBackOffMs'>;
}

/**
 * What a viewer wants to know about one run, asked until it is answered. Nobody waits for it: its answer is fetched by
 * polling, so that a stream goes on with heartbeats whatever becomes of the question.
 */
export interface PendingRequest {
  start(runId: string, request: () => Promise<PageAnswer>, apply: (answer: PageAnswer) => void): void;
  /**
   * `none`: nothing is open; a question about another run is dropped. `waiting`: the answer is yet to come.
   * `answered`: it came and was applied just now.
   */
  poll(runId: string): 'none' | 'waiting' | 'answered';
  /** Whether the open question failed at least once. */
  hasFailed(): boolean;
}

interface OpenRequest {
  readonly runId: string;
  readonly request: () => Promise<PageAnswer>;
  readonly apply: (answer: PageAnswer) => void;
  answer: PageAnswer | null;
  failures: number;
  /** When it is asked again; null while it is under way. */
  retryAt: number | null;
}

export function createPendingRequest({ signal, clock, timings }: PendingRequestOptions): PendingRequest {
  let open: OpenRequest | null = null;

  async function send(question: OpenRequest): Promise<void> {
    question.retryAt = null;
    try {
      question.answer = await question.request();
    } catch {
      // Logged where the request is made, once for all who share it.
      const pause = timings.firstBackOffMs * 2 ** question.failures;
      question.failures += 1;
      question.retryAt = clock.now() + Math.min(pause, timings.longestBackOffMs);
    }
    signal.wake();
  }

  function poll(runId: string): 'none' | 'waiting' | 'answered' {
    const question = open;
    if (question?.runId !== runId) open = null;
    if (!question || !open) return 'none';
    if (question.answer) {
      open = null;
      question.apply(question.answer);
      return 'answered';
    }
    if (question.retryAt !== null && clock.now() >= question.retryAt) void send(question);
    return 'waiting';
  }

  return {
    start: (runId, request, apply) => {
      open = { runId, request, apply, answer: null, failures: 0, retryAt: null };
      void send(open);
    },
    poll,
    hasFailed: () => (open?.failures ?? 0) > 0,
  };
}
