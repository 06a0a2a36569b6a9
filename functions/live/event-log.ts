import type { StoredSale } from '../../shared/api/sale.ts';
import { saleFrame } from './frames.ts';

/** Encoded events to hand on, and the position of whoever has read them. */
export interface Piece {
  readonly bytes: Buffer;
  readonly end: number;
}

/**
 * The recent part of one run: all its events with ids in (`startAfter`, `end`]. Grows at the end; loses its oldest pages
 * when it grows beyond its bound.
 */
export interface EventLog {
  readonly startAfter: number;
  readonly end: number;
  /** Adds the page that follows. @throws RangeError for any other page: a gap would be events lost for everybody. */
  append(page: EncodedPage): void;
  /** Whether nothing is missing between a position and what the log holds. */
  covers(position: number): boolean;
  /** Whether an event with this id is certain to exist in the run, because the log holds it. */
  has(id: number): boolean;
  /** What follows a covered position, up to the end of a page; null while there is nothing. */
  after(position: number): Piece | null;
}

/** An empty log behind a position. @param maxBytes Bound of the encoded events it keeps; the newest page always stays. */
export function createEventLog(startAfter: number, maxBytes: number): EventLog {
  const pages: EncodedPage[] = [];
  let begin = startAfter;
  let end = startAfter;
  let bytes = 0;

  function append(page: EncodedPage): void {
    if (page.startAfter !== end)
      throw new RangeError(`A page after ${page.startAfter} does not follow ${end}.`);
    pages.push(page);
    end = page.end;
    bytes += page.bytes.length;
    while (bytes > maxBytes && pages.length > 1) dropOldest();
  }

  function dropOldest(): void {
    const oldest = pages.shift();
    if (!oldest) return;
    begin = oldest.end;
    bytes -= oldest.bytes.length;
  }

  /** The page that holds the first event above a position. */
  function pageAbove(position: number): EncodedPage | undefined {
    let low = 0;
    let high = pages.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((pages[middle]?.end ?? Number.POSITIVE_INFINITY) > position) high = middle;
      else low = middle + 1;
    }
    return pages[low];
  }

  return {
    get startAfter() {
      return begin;
    },
    get end() {
      return end;
    },
    append,
    covers: (position) => position >= begin,
    has: (id) => {
      const ids = pageAbove(id - 1)?.ids ?? [];
      return ids[firstIndexAbove(ids, id - 1)] === id;
    },
    after: (position) => {
      const page = pageAbove(position);
      return page ? { bytes: bytesAfter(page, position), end: page.end } : null;
    },
  };
}

/** All events of a run with ids in (`startAfter`, `end`], encoded once for everybody who will read them. */
export interface EncodedPage {
  readonly startAfter: number;
  readonly end: number;
  /** Ascending. */
  readonly ids: readonly number[];
  /** Where in `bytes` the event of the same index begins. */
  readonly offsets: readonly number[];
  readonly bytes: Buffer;
}

/** Encodes a run's events that follow `startAfter`: ascending by id, at least one. */
export function encodePage(startAfter: number, sales: readonly StoredSale[]): EncodedPage {
  const offsets: number[] = [];
  let length = 0;
  const frames = sales.map((sale) => {
    const frame = saleFrame(sale);
    offsets.push(length);
    length += Buffer.byteLength(frame);
    return frame;
  });
  const ids = sales.map((sale) => sale.id);
  return { startAfter, end: ids.at(-1) ?? startAfter, ids, offsets, bytes: Buffer.from(frames.join('')) };
}

/** The bytes of a page's events behind a position; shares the page's memory. */
export function bytesAfter(page: EncodedPage, position: number): Buffer {
  if (position <= page.startAfter) return page.bytes;
  const first = firstIndexAbove(page.ids, position);
  return page.bytes.subarray(page.offsets[first] ?? page.bytes.length);
}

/** Index of the first number greater than `limit` in an ascending list; its length if there is none. */
export function firstIndexAbove(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? Number.POSITIVE_INFINITY) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
