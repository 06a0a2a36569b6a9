import type { PageResult } from './feed-pages.ts';
import type { StreamTimings } from './timing.ts';

/**
 * A viewer's one outstanding request for a page, retried until it succeeds. Its owner polls it instead of awaiting it, so
 * heartbeats continue whatever happens to the request.
 */
export interface PendingRequest {
  /**
   * Starts a request in place of any other.
   *
   * @param runId The run it is about; polling for another run drops it.
   * @param send Called for the first attempt and for each retry.
   * @param apply Called once, by the `poll` that finds the result.
   */
  start(runId: string, send: () => Promise<PageResult>, apply: (result: PageResult) => void): void;
  /**
   * Applies the result if it has arrived, and retries a failed attempt whose back-off is over.
   *
   * @returns `none` if nothing is outstanding for this run, `waiting` while there is no result, `answered` if the result
   *   was applied by this call.
   */
  poll(runId: string): 'none' | 'waiting' | 'answered';
  /** Whether at least one attempt of the outstanding request has failed. */
  hasFailed(): boolean;
}

interface OutstandingRequest {
  readonly runId: string;
  readonly send: () => Promise<PageResult>;
  readonly apply: (result: PageResult) => void;
  result: PageResult | null;
  failures: number;
  /** When to send it again, by the clock; null while an attempt is in flight. */
  retryAt: number | null;
}

/**
 * @param wake Called after each attempt, successful or not, so that the owner polls.
 * @param now Milliseconds of a monotonic clock.
 */
export function createPendingRequest(
  wake: () => void,
  now: () => number,
  { firstBackOffMs, longestBackOffMs }: Pick<StreamTimings, 'firstBackOffMs' | 'longestBackOffMs'>,
): PendingRequest {
  let outstanding: OutstandingRequest | null = null;

  async function attempt(request: OutstandingRequest): Promise<void> {
    request.retryAt = null;
    try {
      request.result = await request.send();
    } catch {
      // Logged by the sender, once for all viewers that share the request.
      const pause = firstBackOffMs * 2 ** request.failures;
      request.failures += 1;
      request.retryAt = now() + Math.min(pause, longestBackOffMs);
    }
    wake();
  }

  function poll(runId: string): 'none' | 'waiting' | 'answered' {
    const request = outstanding;
    if (request?.runId !== runId) outstanding = null;
    if (!request || !outstanding) return 'none';
    if (request.result) {
      outstanding = null;
      request.apply(request.result);
      return 'answered';
    }
    if (request.retryAt !== null && now() >= request.retryAt) void attempt(request);
    return 'waiting';
  }

  return {
    start: (runId, send, apply) => {
      outstanding = { runId, send, apply, result: null, failures: 0, retryAt: null };
      void attempt(outstanding);
    },
    poll,
    hasFailed: () => (outstanding?.failures ?? 0) > 0,
  };
}
