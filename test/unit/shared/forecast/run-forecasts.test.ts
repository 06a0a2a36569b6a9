import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../../data/generator/random-stream.ts';
import { generateRows } from '../../../../data/generator/rows.ts';
import {
  accuracyOf,
  type Evening,
  type PairDay,
  runForecasts,
} from '../../../../shared/forecast/run-forecasts.ts';
import { textsOf } from '../../../../shared/run-forecasts/store.ts';

/** The days of a generated data set. */
function generatedDays(seed: number, count: number): PairDay[][] {
  const days = Map.groupBy(generateRows(seed), ({ date }) => date);
  return [...days.values()].slice(0, count).map((rows) =>
    rows.map((row) => ({
      store_id: row.storeId,
      product_id: row.productId,
      units: row.unitsSold,
      soldOut: row.unitsSold === row.inventoryLevel,
      plan: row.demandForecast,
    })),
  );
}

function play(days: readonly (readonly PairDay[])[]): Evening {
  const run = runForecasts();
  for (const day of days) run.learn(day);
  return run.evening();
}

const days = generatedDays(907, 731);

describe('the forecasts of a run', () => {
  test('every pair, store, product and the total is forecast from the fifteenth day on', () => {
    expect(play(days.slice(0, 13)).forecasts).toEqual([]);
    const { forecasts } = play(days.slice(0, 14));
    expect(forecasts).toHaveLength(126);
    expect(forecasts.filter(({ store_id, product_id }) => store_id && product_id)).toHaveLength(100);
    expect(forecasts.at(-1)).toMatchObject({ store_id: null, product_id: null });
  });

  test('forecasts of stores, products and the total are the sums of their pairs', () => {
    const { forecasts } = play(days.slice(0, 60));
    const items = forecasts.filter(({ store_id, product_id }) => store_id !== null && product_id !== null);
    for (const { store_id, product_id, units } of forecasts) {
      const own = items.filter(
        (item) =>
          (store_id === null || item.store_id === store_id) &&
          (product_id === null || item.product_id === product_id),
      );
      expect(units).toBeCloseTo(
        own.reduce((sum, item) => sum + item.units, 0),
        6,
      );
    }
  });

  test('the forecasts of a run beat seasonal naive by a fifth, and their intervals hold what they say', () => {
    const { wape, bias_pct, coverage, seasonal_naive_wape, plan_wape, tracking_signal } = accuracyOf(
      play(days).score,
    );
    expect(Number(wape)).toBeLessThan(0.8 * Number(seasonal_naive_wape));
    expect(Math.abs(Number(bias_pct))).toBeLessThan(2);
    expect(Number(coverage[0]?.covered_pct)).toBeGreaterThan(77);
    expect(Number(coverage[0]?.covered_pct)).toBeLessThan(83);
    expect(Number(coverage[1]?.covered_pct)).toBeGreaterThan(92);
    expect(Number(coverage[1]?.covered_pct)).toBeLessThan(98);
    expect(Math.abs(Number(tracking_signal))).toBeLessThanOrEqual(1);
    expect(plan_wape).not.toBeNull();
  });

  test('the score of one judged day follows from its forecasts by hand', () => {
    const before = play(days.slice(0, 20));
    const day = days[20] ?? [];
    const score = play(days.slice(0, 21)).score;
    const sums = { forecasts: 0, units: 0, error: 0, absoluteError: 0 };
    for (const { store_id, product_id, units } of before.forecasts) {
      const sold = day.find((pair) => pair.store_id === store_id && pair.product_id === product_id);
      if (sold === undefined || sold.soldOut) continue;
      sums.forecasts += 1;
      sums.units += sold.units;
      sums.error += units - sold.units;
      sums.absoluteError += Math.abs(units - sold.units);
    }
    expect(score.forecasts - before.score.forecasts).toBe(sums.forecasts);
    expect(score.units - before.score.units).toBe(sums.units);
    expect(score.error - before.score.error).toBeCloseTo(sums.error, 6);
    expect(score.absoluteError - before.score.absoluteError).toBeCloseTo(sums.absoluteError, 6);
  });

  test('forecasts of sales on few days are unbiased', () => {
    const random = randomStream(908, 'sales on few days');
    const pairs = Array.from({ length: 50 }, (_, index) => {
      return { store_id: 'S001', product_id: `P${index}`, soldOut: false, plan: null };
    });
    const rare = Array.from({ length: 365 }, () =>
      pairs.map((pair) => ({ ...pair, units: random.chance(0.3) ? random.integer(1, 5) : 0 })),
    );
    const { bias_pct, wape, seasonal_naive_wape } = accuracyOf(play(rare).score);
    expect(Math.abs(Number(bias_pct))).toBeLessThan(5);
    expect(Number(wape)).toBeLessThan(Number(seasonal_naive_wape));
  });

  test.each([
    ['every level of 1,000 pairs', 20, 50, [1_000, 20, 50, 1]],
    ['the sums of 3,000 pairs', 60, 50, [0, 60, 50, 1]],
    ['stores and the total if there are too many products', 1, 2_000, [0, 1, 0, 1]],
    ['only the total if there are too many stores', 2_000, 1, [0, 0, 0, 1]],
  ])('an evening stays below 100 KB and has %s', (_case, stores, products, counts) => {
    const day = Array.from({ length: stores * products }, (_, index) => ({
      store_id: `S${String(Math.floor(index / products)).padStart(4, '0')}`,
      product_id: `P${String(index % products).padStart(4, '0')}`,
      units: 900 + (index % 90),
      soldOut: false,
      plan: null,
    }));
    const evening = play(Array.from({ length: 15 }, () => day));
    const levels = Map.groupBy(
      evening.forecasts,
      (one) => `${one.store_id !== null} ${one.product_id !== null}`,
    );
    const found = ['true true', 'true false', 'false true', 'false false'];
    expect(found.map((level) => levels.get(level)?.length ?? 0)).toEqual(counts);
    expect(Buffer.byteLength(textsOf(evening).forecasts)).toBeLessThan(100_000);
  });

  test('pairs whose ids contain spaces are kept apart', () => {
    const pair = { soldOut: false, plan: null };
    const day = [
      { ...pair, store_id: 'A', product_id: 'B C', units: 3 },
      { ...pair, store_id: 'A B', product_id: 'C', units: 5 },
    ];
    const { forecasts } = play(Array.from({ length: 20 }, () => day));
    const items = forecasts.filter(({ store_id, product_id }) => store_id !== null && product_id !== null);
    expect(items.map(({ units }) => Math.round(units))).toEqual([3, 5]);
  });

  test('a sold-out day is not judged, and raises the forecast no less than a day that sold as expected', () => {
    const [first = []] = days;
    const pair = first.slice(0, 1).map((one) => ({ ...one, units: 100, soldOut: false, plan: 0 }));
    const run = (soldOut: boolean, units: number) =>
      play([...Array.from({ length: 30 }, () => pair), pair.map((one) => ({ ...one, soldOut, units }))]);
    const usual = run(false, 100);
    const soldOut = run(true, 60);
    expect(soldOut.score).toMatchObject({ soldOut: 1, forecasts: usual.score.forecasts - 1 });
    expect(Number(soldOut.forecasts[0]?.units)).toBeGreaterThanOrEqual(Number(usual.forecasts[0]?.units));
    expect(Number(run(false, 60).forecasts[0]?.units)).toBeLessThan(Number(usual.forecasts[0]?.units));
  });

  test('a data set without a forecast of its own is not judged by one', () => {
    const unplanned = days.slice(0, 40).map((day) => day.map((pair) => ({ ...pair, plan: null })));
    const { plan_wape, wape } = accuracyOf(play(unplanned).score);
    expect(plan_wape).toBeNull();
    expect(wape).toBe(accuracyOf(play(days.slice(0, 40)).score).wape);
  });

  test('the days before a launch are no history, and a pair that is not sold any more sold nothing', () => {
    const pair = { store_id: 'S001', product_id: 'P0001', soldOut: false, plan: 0 };
    const quiet = Array.from({ length: 50 }, () => [{ ...pair, units: 0 }]);
    const launched = Array.from({ length: 14 }, () => [{ ...pair, units: 9 }]);
    expect(play(quiet).forecasts).toEqual([]);
    expect(play([...quiet, ...launched]).forecasts[0]?.units).toBeCloseTo(9, 9);
    const ended = play([...launched, ...Array.from({ length: 40 }, () => [])]);
    expect(ended.forecasts[0]?.units).toBeLessThan(0.1);
  });

  test('forecasts and figures of any sales are finite, and intervals contain their forecast', () => {
    const sale = fc.record({
      store_id: fc.constantFrom('S1', 'S2'),
      product_id: fc.constantFrom('P1', 'P2'),
      units: fc.nat(10_000),
      soldOut: fc.boolean(),
      plan: fc.option(fc.double({ min: -10, max: 600, noNaN: true })),
    });
    const day = fc.uniqueArray(sale, { selector: (one) => `${one.store_id} ${one.product_id}` });
    fc.assert(
      fc.property(fc.array(day, { minLength: 15, maxLength: 60 }), (played) => {
        const { forecasts, score } = play(played);
        for (const { units, intervals } of forecasts) {
          expect(Number.isFinite(units) && units >= 0).toBe(true);
          for (const { lower, upper } of intervals) {
            expect(lower).toBeLessThanOrEqual(units);
            expect(upper).toBeGreaterThanOrEqual(units);
            expect(Number.isFinite(upper)).toBe(true);
          }
        }
        for (const figure of Object.values(score).flat()) expect(Number.isFinite(figure)).toBe(true);
      }),
    );
  });
});
