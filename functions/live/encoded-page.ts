import type { StoredSale } from '../../shared/api/sale.ts';
import { saleFrame } from './frames.ts';

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
