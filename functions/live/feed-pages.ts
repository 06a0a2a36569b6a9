import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import pLimit from 'p-limit';
import { type FeedPage, type FeedRequest, feedPageSchema } from '../../shared/api/feed.ts';
import { boundedCache } from '../../shared/bounded-cache.ts';
import { type EncodedPage, encodePage } from './event-log.ts';

/** Requests a page of a run's events. @throws if `feed` can't be reached or fails; a retry is harmless. */
export type Feed = (request: FeedRequest) => Promise<FeedPage>;

/** `feed` did not respond with a page. */
class FeedError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(`The function feed failed: ${message}`, options);
    this.name = 'FeedError';
  }
}

/** Invokes the function `feed` synchronously. */
export function createFeedClient(lambda: LambdaClient, functionName: string): Feed {
  return async (request) => {
    const response = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
    );
    const payload = Buffer.from(response.Payload ?? []).toString();
    if (response.FunctionError) throw new FeedError(`${response.FunctionError}: ${payload.slice(0, 500)}`);
    return parsePage(payload);
  };
}

function parsePage(payload: string): FeedPage {
  try {
    return feedPageSchema.parse(JSON.parse(payload));
  } catch (cause) {
    throw new FeedError('its response is not a page of events.', { cause });
  }
}

export type FeedPosition = FeedRequest['position'];

/** What `feed` reports about a position of a run. */
export interface PageResult {
  /** False if the id to resume from isn't one of the run. */
  readonly known: boolean;
  /** The events that follow; null while there are none. */
  readonly page: EncodedPage | null;
}

/**
 * Reads the events that follow a position of a run.
 *
 * @param visibleBefore The greatest id that the caller knows to be visible. "Nothing follows" is shared only between callers
 *   that know the same id: an older request may have been answered before that id became visible.
 */
export type ReadPage = (runId: string, position: FeedPosition, visibleBefore?: number) => Promise<PageResult>;

interface PageReaderOptions {
  readonly feed: Feed;
  readonly pageSize: number;
  /** Requests in flight at once; others queue. */
  readonly concurrency: number;
  /** Bytes of encoded pages to keep. */
  readonly maxBytes: number;
  /** Called once for each failed request, however many viewers share it. */
  readonly onFailure: (error: unknown) => void;
}

/**
 * Reads pages for viewers that catch up. Viewers at the same position share one request and one encoded page. Pages are
 * cached for later viewers: ids become visible in order, so what follows a position never changes, it only grows.
 */
export function createPageReader(options: PageReaderOptions): ReadPage {
  const { feed, pageSize, concurrency, maxBytes, onFailure } = options;
  const inFlight = new Map<string, Promise<PageResult>>();
  const cache = boundedCache<PageResult>(maxBytes);
  const limit = pLimit(concurrency);

  async function request(
    key: string,
    shareKey: string,
    runId: string,
    position: FeedPosition,
  ): Promise<PageResult> {
    try {
      const { known, events } = await limit(() => feed({ run_id: runId, position, limit: pageSize }));
      const [first] = events;
      if (!first) return { known, page: null };
      const result = { known, page: encodePage(startOf(position, first.id), events) };
      cache.set(key, result, result.page.bytes.length);
      return result;
    } catch (error) {
      onFailure(error);
      throw error;
    } finally {
      inFlight.delete(shareKey);
    }
  }

  return (runId, position, visibleBefore = 0) => {
    const key = `${runId} ${position.kind} ${position.kind === 'day' ? position.day_index : position.id}`;
    const cached = cache.get(key);
    if (cached) return Promise.resolve(cached);
    const shareKey = position.kind === 'day' ? `${key} ${visibleBefore}` : key;
    const shared = inFlight.get(shareKey);
    if (shared) return shared;
    const requested = request(key, shareKey, runId, position);
    inFlight.set(shareKey, requested);
    return requested;
  };
}

function startOf(position: FeedPosition, firstId: number): number {
  return position.kind === 'day' ? firstId - 1 : position.id;
}
