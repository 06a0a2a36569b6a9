import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { competitorPriceGap } from '../../../../shared/analytics/price-sensitivity.ts';
import { type ProductSale, salesUpTo } from '../../../../shared/analytics/product-sale.ts';
import { boundedCache } from '../../../../shared/bounded-cache.ts';
import { currentDate, dateOfDay } from '../../../../shared/history/scope.ts';
import { memorySimulationStore } from '../../../support/memory-simulation-store.ts';

const UNUSED = { isPromotion: false, isPromoted: false, weather: 'Sunny', inventory: 500, ordered: 0 };

function sale(date: string, price = 10, competitorPrice = 0): ProductSale {
  return { date, storeId: 'S001', units: 1, price, discount: 0, competitorPrice, ...UNUSED };
}

describe('a bounded cache', () => {
  it('a bounded cache evicts the least recently used value', () => {
    const cache = boundedCache<number>(3);
    for (const [i, key] of ['a', 'b', 'c'].entries()) cache.set(key, i);
    cache.get('a');
    cache.set('d', 3);
    expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key))).toEqual([0, undefined, 2, 3]);
  });

  it('a bounded cache keeps a value heavier than itself as its only one', () => {
    const cache = boundedCache<string>(10);
    cache.set('small', 's', 2);
    cache.set('great', 'g', 100);
    expect([cache.get('small'), cache.get('great')]).toEqual([undefined, 'g']);
    cache.set('next', 'n', 2);
    expect([cache.get('great'), cache.get('next')]).toEqual([undefined, 'n']);
  });

  it('a bounded cache never exceeds its weight and always keeps the last value', () => {
    const entry = fc.tuple(fc.constantFrom('a', 'b', 'c', 'd', 'e'), fc.integer({ min: 1, max: 6 }));
    fc.assert(
      fc.property(fc.array(entry), (entries) => {
        const cache = boundedCache<number>(10);
        const weights = new Map<string, number>();
        for (const [key, weight] of entries) {
          cache.set(key, weight, weight);
          weights.set(key, weight);
          expect(cache.get(key)).toBe(weight);
        }
        const held = [...weights.keys()].map((key) => cache.get(key) ?? 0);
        expect(held.reduce((sum, weight) => sum + weight, 0)).toBeLessThanOrEqual(10);
      }),
    );
  });
});

describe('sales up to a date', () => {
  const sales = ['2022-01-01', '2022-01-01', '2022-01-03'].map((date) => sale(date));

  it.each([
    [null, 3],
    ['2021-12-31', 0],
    ['2022-01-01', 2],
    ['2022-01-02', 2],
    ['2022-01-03', 3],
    ['2030-01-01', 3],
  ])('sales up to %s number %d', (cutoff, count) => {
    expect(salesUpTo(sales, cutoff)).toHaveLength(count);
  });
});

describe('a day', () => {
  const dataSet = {
    id: 1,
    sha256: '',
    dates: ['2022-01-01', '2022-01-05'],
    promotionDates: new Set<string>(),
  };

  it('a day counts the dates of the data set, not those between them', () => {
    expect([1, 2].map((day) => dateOfDay(dataSet, day))).toEqual(['2022-01-01', '2022-01-05']);
  });

  it('a day out of range is rejected with the days that exist', () => {
    expect(() => dateOfDay(dataSet, 3)).toThrow('day 3 is out of range: the data set has days 1 to 2.');
    expect(() => dateOfDay(null, 1)).toThrow('day 1 is out of range: no data set is loaded.');
  });
});

describe('the simulation’s date', () => {
  it('the simulation has no date before the first init and the first day', async () => {
    const store = memorySimulationStore();
    expect(await currentDate(store)).toBeNull();
    await store.register({ dates: ['2022-01-01'] });
    expect(await currentDate(store)).toBeNull();
    await store.advanceDays(1, { requestedAt: '', traceparent: '' });
    expect(await currentDate(store)).toBe('2022-01-01');
  });
});

describe('the competitor’s price gap', () => {
  it('the competitor’s price gap is our price minus theirs where theirs is known', () => {
    const sales = [sale('a', 10, 8), sale('b', 9, 10), sale('c', 5, 0)];
    expect(competitorPriceGap(sales)).toEqual({
      mean_gap: 0.5,
      mean_gap_pct: 7.5,
      cheaper_share: 0.5,
      records: 2,
    });
  });

  it('the competitor’s price gap has no value where no price is known', () => {
    expect(competitorPriceGap([sale('a')])).toBeNull();
  });
});
