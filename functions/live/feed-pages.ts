import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import { type FeedPage, type FeedRequest, feedPageSchema } from '../../shared/api/feed.ts';
import { type EncodedPage, encodePage } from './event-log.ts';

/** Asks for a page of a run's events. Rejects if `feed` can't be reached or fails; asking again is harmless. */
export type Feed = (request: FeedRequest) => Promise<FeedPage>;

/** `feed` did not answer with a page. */
class FeedError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(`The function feed failed: ${message}`, options);
    this.name = 'FeedError';
  }
}

/** `feed` as a function that is invoked and waited for. */
export function createFeedClient(lambda: LambdaClient, functionName: string): Feed {
  return async (request) => {
    const answer = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
    );
    const payload = Buffer.from(answer.Payload ?? []).toString();
    if (answer.FunctionError) throw new FeedError(`${answer.FunctionError}: ${payload.slice(0, 500)}`);
    return parsePage(payload);
  };
}

function parsePage(payload: string): FeedPage {
  try {
    return feedPageSchema.parse(JSON.parse(payload));
  } catch (cause) {
    throw new FeedError('its answer is no page of events.', { cause });
  }
}

export type FeedPosition = FeedRequest['position'];

/** What `feed` says about a position of a run. */
export interface PageAnswer {
  /** False if the id to resume from isn't one of the run. */
  readonly known: boolean;
  /** The events that follow; null while there are none. */
  readonly page: EncodedPage | null;
}

/**
 * Asks what follows a position of a run.
 *
 * @param visibleBefore What the caller knows to be visible already; "nothing follows" is shared only with those who know no
 *   more, for an older question may not have seen it.
 */
export type ReadPage = (runId: string, position: FeedPosition, visibleBefore?: number) => Promise<PageAnswer>;

export interface SharedPagesOptions {
  readonly feed: Feed;
  readonly pageSize: number;
  /** Requests under way at once; others wait in line. */
  readonly concurrency: number;
  /** Bound of the encoded pages that are kept. */
  readonly maxBytes: number;
  /** Told of each request that failed, once for all who share it. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Pages for viewers who catch up: those at the same position share one request and one encoded page. A page is kept for
 * those who come later; since ids become visible in order, what follows a position never changes, it only grows longer.
 */
export function createSharedPages(options: SharedPagesOptions): ReadPage {
  const { feed, pageSize, concurrency, maxBytes, onFailure } = options;
  const underWay = new Map<string, Promise<PageAnswer>>();
  const kept = createPageCache(maxBytes);
  const inLine = limitConcurrency(concurrency);

  async function request(
    key: string,
    shareKey: string,
    runId: string,
    position: FeedPosition,
  ): Promise<PageAnswer> {
    try {
      const { known, events } = await inLine(() => feed({ run_id: runId, position, limit: pageSize }));
      const [first] = events;
      if (!first) return { known, page: null };
      const answer = { known, page: encodePage(beginOf(position, first.id), events) };
      kept.put(key, answer, answer.page.bytes.length);
      return answer;
    } catch (error) {
      onFailure(error);
      throw error;
    } finally {
      underWay.delete(shareKey);
    }
  }

  return (runId, position, visibleBefore = 0) => {
    const key = `${runId} ${position.kind} ${position.kind === 'day' ? position.day_index : position.id}`;
    const known = kept.get(key);
    if (known) return Promise.resolve(known);
    const shareKey = position.kind === 'day' ? `${key} ${visibleBefore}` : key;
    const shared = underWay.get(shareKey);
    if (shared) return shared;
    const asked = request(key, shareKey, runId, position);
    underWay.set(shareKey, asked);
    return asked;
  };
}

function beginOf(position: FeedPosition, firstId: number): number {
  return position.kind === 'day' ? firstId - 1 : position.id;
}

/** Keeps what was used last, up to a sum of bytes. */
function createPageCache(maxBytes: number) {
  const entries = new Map<string, { answer: PageAnswer; bytes: number }>();
  let total = 0;
  return {
    get(key: string): PageAnswer | undefined {
      const entry = entries.get(key);
      if (!entry) return undefined;
      entries.delete(key);
      entries.set(key, entry);
      return entry.answer;
    },
    put(key: string, answer: PageAnswer, bytes: number): void {
      entries.set(key, { answer, bytes });
      total += bytes;
      for (const [oldest, entry] of entries) {
        if (total <= maxBytes) return;
        entries.delete(oldest);
        total -= entry.bytes;
      }
    },
  };
}

/** Runs at most so many tasks at once, the others in the order in which they came. */
function limitConcurrency(limit: number) {
  let running = 0;
  const line: (() => void)[] = [];
  return async <Result>(task: () => Promise<Result>): Promise<Result> => {
    if (running >= limit) await new Promise<void>((start) => line.push(start));
    else running += 1;
    try {
      return await task();
    } finally {
      const next = line.shift();
      // The place goes straight to the next in line, so that nobody slips in between.
      if (next) next();
      else running -= 1;
    }
  };
}
