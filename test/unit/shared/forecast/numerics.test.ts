import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { roundDecimal, roundHalfEven, roundScaled } from '../../../../shared/forecast/numerics.ts';

describe('roundDecimal', () => {
  it('roundDecimal rounds the exact binary value, as Python does', () => {
    // [x, decimals, round(x, decimals)] of CPython 3.11
    const cases = [
      [1.115, 2, 1.11],
      [2.675, 2, 2.67],
      [1.005, 2, 1],
      [0.285, 2, 0.28],
      [1e16 + 2, 1, 1e16 + 2],
      [112.666666, 2, 112.67],
      [-40.04, 1, -40],
      [5e-324, 4, 0],
      [1.45, 1, 1.4],
      [8.35, 1, 8.3],
    ] as const;
    for (const [x, decimals, expected] of cases) expect(roundDecimal(x, decimals)).toBe(expected);
  });

  it('roundDecimal rounds a true half to the even digit', () => {
    const cases = [
      [0.5, 0, 0],
      [1.5, 0, 2],
      [2.5, 0, 2],
      [-2.5, 0, -2],
      [-3.5, 0, -4],
      [0.125, 2, 0.12],
      [0.375, 2, 0.38],
      [9.5, 0, 10],
      [0.25, 1, 0.2],
      [0.75, 1, 0.8],
      [1234.03125, 4, 1234.0312],
      [0.0625, 3, 0.062],
    ] as const;
    for (const [x, decimals, expected] of cases) expect(roundDecimal(x, decimals)).toBe(expected);
  });

  it('roundDecimal keeps numbers with fewer decimals, NaN and infinities', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 4 }), (units, decimals) => {
        const x = units / 10 ** decimals;
        expect(roundDecimal(x, decimals)).toBe(x);
      }),
    );
    expect(roundDecimal(Number.NaN, 2)).toBeNaN();
    expect(roundDecimal(Number.NEGATIVE_INFINITY, 2)).toBe(Number.NEGATIVE_INFINITY);
  });
});

describe('roundScaled', () => {
  it('roundScaled rounds the scaled value, as numpy does', () => {
    const cases = [
      [1.115, 2, 1.12],
      [2.675, 2, 2.68],
      [0.285, 2, 0.28],
      [-40.05, 1, -40],
      [2.5, 0, 2],
      [0.35, 1, 0.4],
    ] as const;
    for (const [x, decimals, expected] of cases) expect(roundScaled(x, decimals)).toBe(expected);
  });
});

describe('roundHalfEven', () => {
  it('roundHalfEven rounds a half to the even integer', () => {
    expect([-1.5, -0.5, 0.5, 1.5, 2.5, 2.4999, 3.7].map(roundHalfEven).map((x) => x + 0)).toEqual([
      -2, 0, 0, 2, 2, 2, 4,
    ]);
  });
});
