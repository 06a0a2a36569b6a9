import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { draggedWindow, rangeOf, windowOf } from '../../../../web/charts/brush.tsx';
import { weeklyMeans } from '../../../../web/charts/days-view.ts';
import { addPoints, pointsOfGroups, priceLine, salesAfter } from '../../../../web/charts/price-chart.ts';
import { filterFeed, visibleRows } from '../../../../web/views/feed-list.ts';
import { sparklinePath } from '../../../../web/views/kpis.tsx';
import { storeHue } from '../../../../web/views/theme.ts';
import { storedSale } from '../../../support/live-world.ts';

describe('the days that a chart shows', () => {
  test('a chart shows the last days, which follow the run, or a fixed range', () => {
    expect(windowOf({ kind: 'last', days: 90 }, 30)).toEqual({ from: 0, to: 30 });
    expect(windowOf({ kind: 'last', days: 90 }, 400)).toEqual({ from: 311, to: 400 });
    expect(windowOf({ kind: 'last', days: Number.POSITIVE_INFINITY }, 400)).toEqual({ from: 0, to: 400 });
    expect(windowOf({ kind: 'fixed', from: 10, to: 20 }, 400)).toEqual({ from: 10, to: 20 });
    expect(windowOf({ kind: 'fixed', from: 10, to: 20 }, 5)).toEqual({ from: 5, to: 5 });
  });

  test('a dragged window stays within the run, and keeps its length when it is moved as a whole', () => {
    const day = fc.integer({ min: 0, max: 99 });
    fc.assert(
      fc.property(
        fc.constantFrom('from', 'to', 'whole', 'new'),
        day,
        day,
        fc.integer({ min: -50, max: 150 }),
        day,
        (grip, one, other, at, begin) => {
          const before = { from: Math.min(one, other), to: Math.max(one, other) };
          const after = draggedWindow(grip, before, begin, at, 99);
          expect(after.from).toBeGreaterThanOrEqual(0);
          expect(after.to).toBeLessThanOrEqual(99);
          expect(after.from).toBeLessThanOrEqual(after.to);
          if (grip === 'whole') expect(after.to - after.from).toBe(before.to - before.from);
        },
      ),
    );
  });

  test('a window that reaches the last day follows the run again', () => {
    expect(rangeOf({ from: 50, to: 99 }, 99)).toEqual({ kind: 'last', days: 50 });
    expect(rangeOf({ from: 50, to: 98 }, 99)).toEqual({ kind: 'fixed', from: 50, to: 98 });
  });
});

describe('weekly means', () => {
  test('a weekly mean covers a day and the six before it, and needs all seven', () => {
    const points = [7, 0, 0, 0, 0, 0, 0, 14].map((y, x) => ({ x, y }));
    expect(weeklyMeans(points)).toEqual([
      { x: 6, y: 1 },
      { x: 7, y: 2 },
    ]);
    expect(weeklyMeans(points.slice(0, 6))).toEqual([]);
  });
});

describe('a sparkline', () => {
  test('a sparkline runs from zero at the bottom to the greatest value at the top', () => {
    expect(sparklinePath([0, 5, 10, 10, 5])).toBe('M0.0 100.0L25.0 50.0L50.0 0.0L75.0 0.0L100.0 50.0');
  });

  test('there is no sparkline for only a few days, or where nothing was sold', () => {
    expect([[], [7], [1, 2, 3, 4], [0, 0, 0, 0, 0]].map(sparklinePath)).toEqual(['', '', '', '']);
  });
});

describe('the line of demand against price', () => {
  const group = (subgroup: string, price: number, units: number) => ({
    group: '0',
    subgroup,
    units,
    revenue: price * units,
    net_revenue: price * units,
    discount_given: 0,
    events: 1,
    promo_share: 0,
    row_promo_share: 0,
    stock_outs: 0,
    lost_units: 0,
  });

  test('the regression line recovers the elasticity that the sales were generated with', () => {
    const prices = [10, 12.5, 20, 33.33, 50];
    const points = pointsOfGroups(prices.map((price) => group('S1', price, 1_000 * price ** -1.5)));
    const line = priceLine(points);
    expect(line?.elasticity).toBeCloseTo(-1.5, 10);
    expect(line?.rSquared).toBeCloseTo(1, 10);
    expect(line?.unitsAt(10)).toBeCloseTo(1_000 * 10 ** -1.5, 8);
    expect(line?.sales).toBe(5);
  });

  test('there is no regression line through too few points or a single price', () => {
    expect(priceLine(pointsOfGroups([group('S1', 10, 5), group('S1', 20, 4)]))).toBeNull();
    expect(priceLine(pointsOfGroups([1, 2, 3].map((units) => group('S1', 10, units))))).toBeNull();
  });

  test('the points leave out sales of 0 units, stored or streamed', () => {
    const stored = pointsOfGroups([group('S1', 10, 0), group('S2', 19.99, 3)]);
    const points = addPoints(stored, [
      storedSale({ store_id: 'S2', price: 20, units_sold: 0 }),
      storedSale({ store_id: 'S1', price: 21.5, units_sold: 7 }),
    ]);
    expect([...points]).toEqual([
      ['S2', [{ x: 19.99, y: 3 }]],
      ['S1', [{ x: 21.5, y: 7 }]],
    ]);
  });
});

describe('the feed', () => {
  const sale = (id: number, store_id = 'S1', product_id = 'P1') => storedSale({ id, store_id, product_id });
  const feed = [sale(9), sale(7, 'S2'), sale(4, 'S1', 'P2'), sale(2)];

  test('the feed can be filtered by store and product', () => {
    const ids = (store: string, product: string) => filterFeed(feed, { store, product }).map(({ id }) => id);
    expect(ids('', '')).toEqual([9, 7, 4, 2]);
    expect(ids('S1', '')).toEqual([9, 4, 2]);
    expect(ids('S1', 'P2')).toEqual([4]);
    expect(ids('S3', '')).toEqual([]);
  });

  test('the feed lists the sales after a given one, or none at all if it does not reach back that far', () => {
    expect(salesAfter(feed, 4, 100)?.map(({ id }) => id)).toEqual([7, 9]);
    expect(salesAfter(feed, 1, 100)?.map(({ id }) => id)).toEqual([2, 4, 7, 9]);
    expect(salesAfter(feed, 1, 4)).toBeNull();
  });

  test('a feed of any length draws only the rows in sight', () => {
    fc.assert(
      fc.property(fc.nat(5_000), fc.nat(200_000), fc.nat(2_000), (count, scrollTop, height) => {
        const { first, end } = visibleRows(count, 28, scrollTop, height);
        expect(first).toBeGreaterThanOrEqual(0);
        expect(end).toBeLessThanOrEqual(Math.max(count, first));
        expect(end - first).toBeLessThanOrEqual(Math.ceil(height / 28) + 18);
      }),
    );
    expect(visibleRows(2_000, 28, 2_800, 280)).toEqual({ first: 92, end: 118 });
  });
});

describe('the hue of a store', () => {
  test('the hue of a store depends only on its name, and there are five hues', () => {
    const none = { units: 0, listCents: 0, netCents: 0 };
    const stores = new Map(['S3', 'S1', 'S6', 'S2', 'S5', 'S4'].map((store) => [store, none]));
    expect(['S1', 'S2', 'S5', 'S6', 'S9'].map((store) => storeHue(store, stores))).toEqual([
      0,
      1,
      4,
      null,
      null,
    ]);
  });
});
