import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createEventLog, encodePage } from '../../../../functions/live/event-log.ts';
import { saleFrame } from '../../../../functions/live/frames.ts';
import { storedSale } from '../../../support/live-world.ts';

const page = (startAfter: number, ids: readonly number[]) =>
  encodePage(
    startAfter,
    ids.map((id) => storedSale({ id })),
  );
const text = (ids: readonly number[]) => ids.map((id) => saleFrame(storedSale({ id }))).join('');

describe('the event log', () => {
  test('the event log returns to every reader what follows its position, however it is divided into pages', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 4 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(sizes, fc.nat(80), (pageSizes, from) => {
        const log = createEventLog(10, Number.POSITIVE_INFINITY);
        const ids: number[] = [];
        for (const size of pageSizes) {
          const next = Array.from({ length: size }, (_, index) => log.end + 2 * (index + 1));
          log.append(page(log.end, next));
          ids.push(...next);
        }
        const position = Math.max(10, from);
        let got = '';
        for (let at = position, piece = log.after(at); piece; piece = log.after(at)) {
          got += piece.bytes.toString();
          at = piece.end;
        }
        expect(got).toBe(text(ids.filter((id) => id > position)));
        expect(log.has(from)).toBe(ids.includes(from));
      }),
    );
  });

  test('all readers at the start of a page share the same memory', () => {
    const log = createEventLog(0, 1_000_000);
    log.append(page(0, [3, 4]));
    expect(log.after(0)?.bytes).toBe(log.after(0)?.bytes);
    expect(log.after(3)?.bytes.buffer).toBe(log.after(0)?.bytes.buffer);
  });

  test('the event log evicts its oldest pages beyond its bound and reports it', () => {
    const log = createEventLog(10, 2 * text([11, 12]).length);
    for (let end = 10; end < 98; end += 2) log.append(page(end, [end + 1, end + 2]));
    expect(log.startAfter).toBe(94);
    expect(log.covers(93)).toBe(false);
    expect(log.covers(94)).toBe(true);
    expect(log.after(94)?.bytes.toString()).toBe(text([95, 96]));
    expect(log.has(94)).toBe(false);
  });

  test('the event log keeps its newest page, however large', () => {
    const log = createEventLog(0, 10);
    log.append(page(0, [1, 2]));
    expect(log.after(0)?.end).toBe(2);
  });

  test('the event log rejects pages that leave a gap or repeat events', () => {
    const log = createEventLog(5, 1_000);
    expect(() => log.append(page(6, [7]))).toThrow(RangeError);
    log.append(page(5, [7]));
    expect(() => log.append(page(5, [7]))).toThrow(RangeError);
  });
});
