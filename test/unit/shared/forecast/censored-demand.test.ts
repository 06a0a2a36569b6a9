import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../../data/generator/random-stream.ts';
import { dateAfter, demandSeries, uncensored } from '../../../../shared/forecast/demand-day.ts';

const WEEKDAYS = [60, 55, 70, 90, 130, 180, 110];

/** A year of noisy demand with a weekly pattern, sold from shelves that hold `stock` times the weekday's usual demand. */
function shelf(stock: number) {
  const random = randomStream(7, 'censored');
  const demand = Array.from({ length: 364 }, (_, day) =>
    Math.round(Number(WEEKDAYS[day % 7]) * Math.exp(random.normal(0.25))),
  );
  const limits = demand.map((_, day) =>
    Math.round(Number(WEEKDAYS[day % 7]) * stock * random.between(0.8, 1.2)),
  );
  const sold = demand.map((units, day) => Math.min(units, Number(limits[day])));
  return { demand, sold, soldOut: sold.map((units, day) => units === limits[day]) };
}

describe('demand behind sold-out days', () => {
  test('the estimated demand of shelves that sell out on every third day has the mean of the true one', () => {
    const { demand, sold, soldOut } = shelf(1.15);
    const share = soldOut.filter(Boolean).length / sold.length;
    expect(share).toBeGreaterThan(0.25);
    expect(mean(sold) / mean(demand)).toBeLessThan(0.95);
    expect(mean(uncensored(sold, soldOut)) / mean(demand)).toBeGreaterThan(0.98);
    expect(mean(uncensored(sold, soldOut)) / mean(demand)).toBeLessThan(1.03);
  });

  test('the estimated demand of a day depends on no later day', () => {
    const { sold, soldOut } = shelf(1.1);
    const early = uncensored(sold.slice(0, 200), soldOut.slice(0, 200));
    expect(uncensored(sold, soldOut).slice(0, 200)).toEqual(early);
  });

  test('a series that never sold out stays as it is', () => {
    const { demand } = shelf(1);
    const never = demand.map(() => false);
    expect(uncensored(demand, never)).toBe(demand);
  });

  test('estimated demand is finite, never less than was sold, and differs on sold-out days alone', () => {
    const days = fc.array(fc.tuple(fc.nat(500), fc.boolean()), { maxLength: 120 });
    fc.assert(
      fc.property(days, (pairs) => {
        const sold = pairs.map(([units]) => units);
        const soldOut = pairs.map(([, flag]) => flag);
        uncensored(sold, soldOut).forEach((demand, day) => {
          expect(Number.isFinite(demand)).toBe(true);
          if (soldOut[day]) expect(demand).toBeGreaterThanOrEqual(Number(sold[day]));
          else expect(demand).toBe(sold[day]);
        });
      }),
    );
  });

  test('a date without a row is a day without demand, and no sold-out day', () => {
    const history = [0, 1, 2, 4].map((day) => ({
      date: dateAfter('2022-01-01', day),
      units_sold: 5 + day,
      sold_out: day === 4,
    }));
    expect(demandSeries(history)).toEqual([5, 6, 7, 0, 9]);
    expect(demandSeries([])).toEqual([]);
  });
});

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
