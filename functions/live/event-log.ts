import type { StoredSale } from '../../shared/api/sales.ts';
import { saleFrame } from './frames.ts';

/** Encoded events, and the id of the last one. */
export interface Piece {
  readonly bytes: Buffer;
  readonly end: number;
}

/**
 * The recent part of one run: all its events with ids in (`startAfter`, `end`]. Pages are appended at the end; the oldest are
 * dropped when the log exceeds its bound.
 */
export interface EventLog {
  readonly startAfter: number;
  readonly end: number;
  /** Appends the next page. @throws RangeError for any other page: a gap would lose events for every viewer. */
  append(page: EncodedPage): void;
  /** Whether the log has every event after a position. */
  covers(position: number): boolean;
  /** Whether the log has an event with this id. If so, the id belongs to the run. */
  has(id: number): boolean;
  /** The events after a covered position, up to the end of a page; null if there are none. */
  after(position: number): Piece | null;
}

/**
 * Creates an empty log that begins after an id.
 *
 * @param maxBytes Encoded events to keep; the newest page is kept whatever its size.
 */
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

  /** The page with the first event after a position. */
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

/** All events of a run with ids in (`startAfter`, `end`], encoded once for all viewers. */
export interface EncodedPage {
  readonly startAfter: number;
  readonly end: number;
  /** Ascending. */
  readonly ids: readonly number[];
  /** Offset in `bytes` of the event with the same index. */
  readonly offsets: readonly number[];
  readonly bytes: Buffer;
}

/** Encodes the events that follow `startAfter`. @param sales Ascending by id, at least one. */
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

/** The bytes of a page's events after a position, without copying them. */
function bytesAfter(page: EncodedPage, position: number): Buffer {
  if (position <= page.startAfter) return page.bytes;
  const first = firstIndexAbove(page.ids, position);
  return page.bytes.subarray(page.offsets[first] ?? page.bytes.length);
}

/** Index of the first number above `limit` in an ascending list, or the list's length. */
function firstIndexAbove(ascending: readonly number[], limit: number): number {
  let low = 0;
  let high = ascending.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((ascending[middle] ?? Number.POSITIVE_INFINITY) > limit) high = middle;
    else low = middle + 1;
  }
  return low;
}
