import { describe, expect, it } from 'vitest';
import {
  dailyOffers,
  offersAt,
  offersSince,
  offersVary,
  planWarnings,
} from '../../../../shared/forecast/offers.ts';

const day = (date: string, netPrice: number | null, isPromoted: boolean | null = false) => ({
  date,
  netPrice,
  isPromoted,
});
const log = (...prices: number[]) => Float64Array.from(prices, Math.log);

describe('dailyOffers', () => {
  it('a day without a price keeps the price before it, and days before the first have that one', () => {
    const offers = dailyOffers([
      day('2024-02-27', null),
      day('2024-02-28', 4, true),
      day('2024-03-01', 0),
      day('2024-03-02', 5, null),
    ]);
    expect(offers).toEqual({
      logPrices: log(4, 4, 4, 4, 5),
      promotions: Float64Array.of(0, 1, 0, 0, 0),
    });
  });

  it('a data set without prices has no offers', () => {
    expect(dailyOffers([])).toBeNull();
    expect(dailyOffers([day('2024-01-01', null), day('2024-01-02', 0)])).toBeNull();
  });
});

describe('offersAt', () => {
  const past = { logPrices: log(1, 2, 3, 4, 5), promotions: Float64Array.of(0, 0, 1, 0, 1) };

  it('an origin knows what was really offered on planned steps and the last offer on others', () => {
    const plan = { past, ahead: [null, { netPrice: 9, isPromoted: true }] };
    const { logPrices, promotions } = offersAt(plan, 3);
    expect(logPrices).toHaveLength(3 + 28);
    expect([...logPrices.slice(0, 6)]).toEqual([...log(1, 2, 3, 3, 5, 3)]);
    expect([...promotions.slice(0, 6)]).toEqual([0, 0, 1, 1, 1, 1]);
  });

  it('the plan itself counts after the end of the series', () => {
    const plan = { past, ahead: [null, { netPrice: 9, isPromoted: false }] };
    const { logPrices, promotions } = offersAt(plan, 5);
    expect([...logPrices.slice(4, 8)]).toEqual([...log(5, 5, 9, 5)]);
    expect([...promotions.slice(4, 8)]).toEqual([1, 1, 0, 1]);
  });

  it('offers since a day drop the days before it and keep the plan', () => {
    const ahead = [{ netPrice: 9, isPromoted: false }];
    const since = offersSince({ past, ahead }, 3);
    expect(since).toEqual({
      past: { logPrices: log(4, 5), promotions: Float64Array.of(0, 1) },
      ahead,
    });
  });
});

describe('offersVary', () => {
  it('offers vary if a price or a promotion differs from the first', () => {
    const flat = { logPrices: log(3, 3, 3), promotions: Float64Array.of(0, 0, 0) };
    expect(offersVary(flat)).toBe(false);
    expect(offersVary({ ...flat, logPrices: log(3, 3, 3.1) })).toBe(true);
    expect(offersVary({ ...flat, promotions: Float64Array.of(0, 1, 0) })).toBe(true);
  });
});

describe('planWarnings', () => {
  const past = { logPrices: log(4, 5, 4.5), promotions: Float64Array.of(0, 0, 0) };
  const plan = (netPrice: number, isPromoted = false) => ({ past, ahead: [null, { netPrice, isPromoted }] });

  it('a plan within what was seen needs no warning, and no plan needs none', () => {
    for (const price of [4, 4.2, 5]) expect(planWarnings(plan(price), 'regression')).toEqual([]);
    expect(planWarnings({ past, ahead: [null] }, 'combination')).toEqual([]);
  });

  it('a price outside of those seen, a first promotion and a model that ignores the plan are warned of', () => {
    expect(planWarnings(plan(3.9), 'regression')).toEqual([
      'A planned net price, 3.90, is below all that were seen, 4.00 to 5.00: demand there is extrapolated.',
    ]);
    expect(planWarnings(plan(6), 'regression')[0]).toMatch(/6\.00, is above all/);
    expect(planWarnings(plan(4, true), 'regression')[0]).toMatch(/^A promotion is planned/);
    expect(planWarnings(plan(4), 'combination')[0]).toMatch(/the model combination ignores/);
  });
});
