import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Curve, growthOf } from '../../soak/trend.ts';

const MINUTES = 30;

/** A curve of 30 minutes with a point every ten seconds. */
function curve(valueAt: (minute: number) => number, grain = 1): Curve {
  const points = Array.from({ length: MINUTES * 6 }, (_, look) => {
    const seconds = (look + 1) * 10;
    return [seconds, valueAt(seconds / 60)] as const;
  });
  return { name: 'memory', unit: 'MB', grain, points };
}

const saw = (minute: number) => 200 * (minute % 1);

describe('a curve of a soak', () => {
  test('that stays as it is does not grow, whatever garbage comes and goes', () => {
    expect(growthOf(curve((minute) => 300 + saw(minute)))).toMatchObject({ isGrowing: false });
    expect(growthOf(curve(() => 0))).toMatchObject({ grown: 0, isGrowing: false });
  });

  test('may warm up in the first third', () => {
    expect(growthOf(curve((minute) => Math.min(minute, 9) * 50))).toMatchObject({ isGrowing: false });
  });

  test('may have bursts', () => {
    const burst = (minute: number) => (minute > 26 && minute < 28 ? 900 : 0);
    expect(growthOf(curve((minute) => 300 + burst(minute)))).toMatchObject({ isGrowing: false });
  });

  test('that leaks grows, hidden under garbage or not', () => {
    fc.assert(
      fc.property(fc.double({ min: 5, max: 100, noNaN: true }), (perMinute) => {
        const leaking = (minute: number) => 300 + perMinute * minute;
        expect(growthOf(curve(leaking)).grown).toBeCloseTo(perMinute * 20, 3);
        expect(growthOf(curve(leaking)).isGrowing).toBe(true);
        expect(growthOf(curve((minute) => leaking(minute) + saw(minute))).isGrowing).toBe(true);
      }),
    );
  });

  test('by less than its grain says nothing', () => {
    expect(growthOf(curve((minute) => minute / 10, 3)).isGrowing).toBe(false);
    expect(growthOf(curve((minute) => minute / 10, 1)).isGrowing).toBe(true);
  });

  test('without figures is not taken for a flat one', () => {
    expect(growthOf(curve(() => Number.NaN)).isGrowing).toBe(true);
    expect(growthOf({ name: 'memory', unit: 'MB', grain: 1, points: [] }).isGrowing).toBe(true);
  });
});
