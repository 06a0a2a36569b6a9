import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../../data/generator/random-stream.ts';
import { type DemandPath, daysForPaths, demandPaths } from '../../../../shared/forecast/demand-paths.ts';
import { criticalRatio, replenishment } from '../../../../shared/forecast/replenishment.ts';

/** Paths of independent normal days. */
function normalPaths(count: number, days: number, mean: number, deviation: number): DemandPath[] {
  const random = randomStream(5, 'normal paths');
  return Array.from({ length: count }, () => ({
    units: Array.from({ length: days }, () => Math.max(mean + random.normal(deviation), 0)),
    weight: 1,
  }));
}

const POLICY = { leadDays: 2, reviewDays: 1, serviceLevel: 0.95 };

describe('what to order', () => {
  test('the order-up-to level of normal demand is the textbook’s: mean plus 1.645 deviations of the sum of days', () => {
    const { orderUpTo, expectedDemand, safetyStock } = replenishment(
      normalPaths(20_000, 3, 100, 20),
      0,
      POLICY,
    );
    expect(expectedDemand).toBeCloseTo(300, -0.5);
    expect(Math.abs(orderUpTo - (300 + 1.645 * 20 * Math.sqrt(3)))).toBeLessThan(2);
    expect(safetyStock).toBeCloseTo(orderUpTo - expectedDemand, 9);
  });

  test('the expected shortage of normal demand is the textbook’s: deviation times the normal loss function', () => {
    // G(1.645) = 0.0209 (Silver, Pyke & Thomas, table II.1); before the delivery next to nothing is lost.
    const { expectedShortage, fillRate } = replenishment(normalPaths(50_000, 3, 100, 20), 0, POLICY);
    expect(Math.abs(expectedShortage - 20 * Math.sqrt(3) * 0.0209)).toBeLessThan(0.1);
    expect(fillRate).toBeCloseTo(1 - expectedShortage / 100, 3);
  });

  test('the newsvendor’s level has the least expected cost of all levels', () => {
    const costs = { underage: 9, overage: 2 };
    const paths = normalPaths(2_000, 1, 100, 30);
    const costAt = (serviceLevel: number) =>
      Number(replenishment(paths, 0, { leadDays: 0, reviewDays: 1, serviceLevel, costs }).expectedCost);
    const best = costAt(criticalRatio(costs));
    for (const level of [0.5, 0.6, 0.7, 0.9, 0.95, 0.99]) expect(costAt(level)).toBeGreaterThan(best);
    expect(replenishment(paths, 0, POLICY).expectedCost).toBeNull();
  });

  test('nothing is ordered while hand and pipeline hold more than the level, and the shortage is that of what they hold', () => {
    const paths = normalPaths(500, 3, 100, 20);
    const plenty = replenishment(paths, 1_000, POLICY);
    expect(plenty.orderQuantity).toBe(0);
    expect(plenty).toMatchObject({ expectedShortage: 0, fillRate: 1 });
    const { orderUpTo } = plenty;
    expect(replenishment(paths, 120, POLICY).orderQuantity).toBe(orderUpTo - 120);
  });

  test('order-up-to levels grow with the service level, and all figures are finite and consistent for any paths', () => {
    const path = fc.record({
      units: fc.array(fc.double({ min: 0, max: 500, noNaN: true }), { minLength: 4, maxLength: 4 }),
      weight: fc.double({ min: 0.01, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(path, { minLength: 1, maxLength: 60 }), fc.nat(2_000), (paths, position) => {
        const at = (serviceLevel: number) =>
          replenishment(paths, position, { leadDays: 2, reviewDays: 2, serviceLevel });
        const [low, high] = [at(0.6), at(0.97)];
        expect(high.orderUpTo).toBeGreaterThanOrEqual(low.orderUpTo);
        expect(high.expectedShortage).toBeLessThanOrEqual(low.expectedShortage + 1e-9);
        expect(low.fillRate).toBeGreaterThanOrEqual(0);
        expect(low.fillRate).toBeLessThanOrEqual(1);
        expect(low.orderQuantity).toBe(Math.max(low.orderUpTo - position, 0));
      }),
    );
  });
});

describe('the paths of the next days', () => {
  const random = randomStream(6, 'weekly series');
  const series = Array.from({ length: 300 }, (_, day) =>
    Math.round((80 + 40 * Math.sin((2 * Math.PI * day) / 7)) * Math.exp(random.normal(0.2))),
  );

  test('the paths are as many as days of the past with known errors, recent ones counting more', () => {
    const { paths, model, days } = demandPaths(series, 3);
    expect({ model, days }).toEqual({ model: 'combination', days: 300 });
    expect(paths.length).toBeGreaterThan(30);
    expect(paths.map(({ weight }) => weight)).toEqual(
      paths.map(({ weight }) => weight).toSorted((a, b) => a - b),
    );
    for (const { units } of paths) {
      expect(units).toHaveLength(3);
      for (const value of units) expect(value).toBeGreaterThanOrEqual(0);
    }
  });

  test('the sum of three days varies less than three times one day', () => {
    const { paths } = demandPaths(series, 3);
    const spread = (values: number[]) => Math.max(...values) - Math.min(...values);
    const ofSum = spread(paths.map(({ units }) => units.reduce((sum, value) => sum + value, 0)));
    const ofDays = [0, 1, 2].map((day) => spread(paths.map(({ units }) => Number(units[day]))));
    expect(ofSum).toBeLessThan(ofDays.reduce((sum, value) => sum + value, 0));
  });

  test('the shortest history that is accepted gives paths, also if it sold nothing or only at its end', () => {
    for (const horizon of [1, 7, 14, 28]) {
      const days = daysForPaths(horizon);
      for (const short of [series.slice(0, days), new Array<number>(days).fill(0), lateSale(days)]) {
        const { paths } = demandPaths(short, horizon);
        expect(paths.length).toBeGreaterThanOrEqual(4);
        expect(paths.flatMap(({ units }) => units).every(Number.isFinite)).toBe(true);
      }
    }
  });

  test('the paths of a series in other units are scaled alike', () => {
    const scaled = demandPaths(
      series.map((units) => 8 * units),
      3,
    );
    demandPaths(series, 3).paths.forEach(({ units }, index) => {
      units.forEach((value, step) => {
        expect(Number(scaled.paths[index]?.units[step])).toBeCloseTo(8 * value, 6);
      });
    });
  });
});

function lateSale(days: number): number[] {
  return Array.from({ length: days }, (_, day) => Number(day === days - 1));
}
