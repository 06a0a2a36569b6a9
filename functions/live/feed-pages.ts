import { InvokeCommand, type LambdaClient } from '@aws-sdk/client-lambda';
import pLimit from 'p-limit';
import * as z from 'zod';
import { type FeedPage, type FeedRequest, feedPageSchema } from '../../shared/api/live.ts';
import { boundedCache } from '../../shared/bounded-cache.ts';
import { type EncodedPage, encodePage } from './event-log.ts';

/** Requests a page of a run's events. @throws if `feed` can't be reached or fails; a retry is harmless. */
export type PageSource = (request: FeedRequest) => Promise<FeedPage>;

/** `feed` did not respond with a page. */
class FeedError extends Error {
  constructor(message: string, options?: { cause: unknown }) {
    super(`The function feed failed: ${message}`, options);
    this.name = 'FeedError';
  }
}

/**
 * Invokes the function `feed` synchronously.
 *
 * @returns A source that throws FeedError if the function fails or returns something other than a page, and the SDK's errors.
 */
export function createFeedClient(lambda: LambdaClient, functionName: string): PageSource {
  return async (request) => {
    const response = await lambda.send(
      new InvokeCommand({ FunctionName: functionName, Payload: JSON.stringify(request) }),
    );
    const payload = Buffer.from(response.Payload ?? []).toString();
    if (response.FunctionError) throw new FeedError(`${response.FunctionError}: ${payload.slice(0, 500)}`);
    return parsePage(payload);
  };
}

/** Compiled by zod at start, because it sees every sale. */
const compiledFeedPage = z.compile(feedPageSchema, { strict: true });

function parsePage(payload: string): FeedPage {
  try {
    return compiledFeedPage.parse(JSON.parse(payload));
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
 * Reads the events that follow a position of a run. The last page of a day ends at the id up to which it was requested.
 *
 * @throws the feed's error, after `onFailure` has been called with it.
 */
export type ReadPage = (runId: string, position: FeedPosition) => Promise<PageResult>;

interface PageReaderOptions {
  readonly feed: PageSource;
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

  async function request(key: string, runId: string, position: FeedPosition): Promise<PageResult> {
    try {
      const { known, events } = await limit(() => feed({ run_id: runId, position, limit: pageSize }));
      if (events.length === 0) return { known, page: null };
      const isFull = events.length >= pageSize;
      const result = { known, page: pageAt(position, events, isFull) };
      cache.set(isFull ? keyOfFull(runId, position) : key, result, result.page.bytes.length);
      return result;
    } catch (error) {
      onFailure(error);
      throw error;
    } finally {
      inFlight.delete(key);
    }
  }

  /** A full page of a day serves every request that reaches beyond its end. */
  function cachedPage(key: string, runId: string, position: FeedPosition): PageResult | undefined {
    const full = cache.get(keyOfFull(runId, position));
    const isWithin = position.kind !== 'day' || (full?.page?.end ?? 0) <= position.up_to;
    return full && isWithin ? full : cache.get(key);
  }

  return (runId, position) => {
    const key = keyOf(runId, position);
    const cached = cachedPage(key, runId, position);
    if (cached) return Promise.resolve(cached);
    const shared = inFlight.get(key);
    if (shared) return shared;
    const requested = request(key, runId, position);
    inFlight.set(key, requested);
    return requested;
  };
}

function keyOf(runId: string, position: FeedPosition): string {
  const key = keyOfFull(runId, position);
  return position.kind === 'day' ? `${key} ${position.up_to}` : key;
}

function keyOfFull(runId: string, position: FeedPosition): string {
  const at = position.kind === 'day' ? `${position.day_index} ${position.after}` : position.id;
  return `${runId} ${position.kind} ${at}`;
}

function pageAt(position: FeedPosition, events: FeedPage['events'], isFull: boolean): EncodedPage {
  if (position.kind !== 'day') return encodePage(position.id, events);
  const page = encodePage(position.after, events);
  return isFull ? page : { ...page, end: position.up_to };
}
