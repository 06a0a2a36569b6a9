import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { randomStream } from '../../../../../data/generator/random-stream.ts';
import {
  bottomUp,
  itemsOf,
  mint,
  sumOver,
  sumsOf,
} from '../../../../../shared/forecast/reconciliation/hierarchy.ts';

const PAIRS = ['S1', 'S2'].flatMap((storeId) =>
  ['P1', 'P2', 'P3'].map((productId) => ({ storeId, productId })),
);
const SUMS = sumsOf(PAIRS);

describe('sumsOf', () => {
  it('the sums of pairs are everything, each store and each product', () => {
    expect(SUMS.map(({ level, storeId, productId, pairs }) => [level, storeId, productId, pairs])).toEqual([
      ['all', null, null, [0, 1, 2, 3, 4, 5]],
      ['store', 'S1', null, [0, 1, 2]],
      ['store', 'S2', null, [3, 4, 5]],
      ['product', null, 'P1', [0, 3]],
      ['product', null, 'P2', [1, 4]],
      ['product', null, 'P3', [2, 5]],
    ]);
    expect(itemsOf(PAIRS)[4]).toEqual({ level: 'item', storeId: 'S2', productId: 'P2', pairs: [4] });
  });
});

/** Errors of all series, each with a deviation of its own, sums first. */
function errors(days: number, seed: number, deviationOf: (series: number) => number): Float64Array[] {
  const random = randomStream(seed, 'errors');
  return Array.from({ length: SUMS.length + PAIRS.length }, (_, series) =>
    Float64Array.from({ length: days }, () => random.normal(deviationOf(series))),
  );
}

const sumsFor = (pairs: Float64Array) => Float64Array.from(SUMS, (sum) => sumOver(sum, pairs));

describe('mint', () => {
  it('forecasts that agree already stay as they are', () => {
    const reconcile = mint(
      SUMS,
      errors(100, 1, () => 3),
    );
    const pairs = Float64Array.of(10, 20, 30, 40, 50, 60);
    reconcile(sumsFor(pairs), pairs).forEach((value, pair) => {
      expect(value).toBeCloseTo(Number(pairs[pair]), 9);
    });
  });

  it('sums that were forecast without error are met by the pairs', () => {
    const reconcile = mint(
      SUMS,
      errors(400, 2, (series) => (series < SUMS.length ? 1e-4 : 5)),
    );
    const truth = Float64Array.of(10, 20, 30, 40, 50, 60);
    const noisy = truth.map((value, pair) => value + (pair % 2 === 0 ? 4 : -3));
    const sums = sumsFor(truth);
    sumsFor(reconcile(sums, noisy)).forEach((value, sum) => {
      expect(value).toBeCloseTo(Number(sums[sum]), 2);
    });
  });

  it('sums that were forecast badly hardly move the pairs', () => {
    const reconcile = mint(
      SUMS,
      errors(400, 3, (series) => (series < SUMS.length ? 1_000 : 1)),
    );
    const pairs = Float64Array.of(10, 20, 30, 40, 50, 60);
    reconcile(
      sumsFor(pairs).map((sum) => sum + 50),
      pairs,
    ).forEach((value, pair) => {
      expect(Math.abs(value - Number(pairs[pair]))).toBeLessThan(0.1);
    });
  });

  it('reconciliation lowers the error of unbiased forecasts', () => {
    const past = errors(300, 4, (series) => (series < SUMS.length ? 4 : 5));
    const future = errors(300, 5, (series) => (series < SUMS.length ? 4 : 5));
    const reconcile = mint(SUMS, past);
    const truth = Float64Array.of(100, 200, 300, 400, 500, 600);
    const squares = { mint: 0, bottomUp: 0 };
    for (let day = 0; day < 300; day++) {
      const pairs = truth.map((value, pair) => value - Number(future[SUMS.length + pair]?.[day]));
      const sums = sumsFor(truth).map((value, sum) => value - Number(future[sum]?.[day]));
      for (const [name, made] of [
        ['mint', reconcile(sums, pairs)],
        ['bottomUp', bottomUp(sums, pairs)],
      ] as const) {
        made.forEach((value, pair) => {
          squares[name] += (value - Number(truth[pair])) ** 2;
        });
      }
    }
    expect(squares.mint / squares.bottomUp).toBeLessThan(0.75);
  });

  it('the result is finite and never negative, whatever the forecasts and their errors', () => {
    const anyRow = fc.array(fc.integer({ min: -50, max: 50 }), { minLength: 3, maxLength: 3 });
    const series = SUMS.length + PAIRS.length;
    const values = fc.array(fc.nat(1_000), { minLength: series, maxLength: series });
    fc.assert(
      fc.property(fc.array(anyRow, { minLength: series, maxLength: series }), values, (rows, forecasts) => {
        const reconcile = mint(
          SUMS,
          rows.map((row) => Float64Array.from(row)),
        );
        const made = reconcile(
          Float64Array.from(forecasts.slice(0, SUMS.length)),
          Float64Array.from(forecasts.slice(SUMS.length)),
        );
        for (const value of made) {
          expect(Number.isFinite(value)).toBe(true);
          expect(value).toBeGreaterThanOrEqual(0);
        }
      }),
    );
  });
});
