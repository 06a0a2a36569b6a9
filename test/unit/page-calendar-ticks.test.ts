import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { spacedTicks } from '../../functions/live/page/day-ticks.ts';

const at = (...days: number[]) => days.map((value) => ({ value }));

describe('the ticks of an axis of days', () => {
  test('lose the one that stands too near the newest day', () => {
    expect(spacedTicks(at(30, 50, 70, 90, 110, 119), 15)).toEqual(at(30, 50, 70, 90, 119));
    expect(spacedTicks(at(0, 20, 40), 15)).toEqual(at(0, 20, 40));
  });

  test('become fewer where there is little room', () => {
    expect(spacedTicks(at(30, 50, 70, 90, 110, 119), 40)).toEqual(at(30, 70, 119));
  });

  test('always keep the newest day, and the distance between any two', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(730)), fc.nat(100), (days, least) => {
        const sorted = days.toSorted((one, other) => one - other);
        const kept = spacedTicks(at(...sorted), least).map(({ value }) => value);
        expect(kept.at(-1)).toBe(sorted.at(-1));
        for (const [index, value] of kept.slice(1).entries()) {
          expect(value - (kept[index] ?? 0)).toBeGreaterThanOrEqual(least);
        }
      }),
    );
  });
});
