import { describe, expect, test } from 'vitest';
import { compareWithLastWeek, hasLossEstimate } from '../../../../web/state/kept-forecasts.ts';
import { type DaySummary, discountShare, emptyDay, sumsOfSale } from '../../../../web/state/sums.ts';
import { storedSale } from '../../../support/live-world.ts';

const DAY_MS = 86_400_000;

/** Consecutive days with a number of units each, from 1 January 2022. */
function daysOf(units: readonly number[]): Map<number, DaySummary> {
  return new Map(
    units.map((sold, dayIndex) => {
      const date = new Date(Date.UTC(2022, 0, 1) + dayIndex * DAY_MS).toISOString().slice(0, 10);
      const day = emptyDay(storedSale({ day_index: dayIndex, date, day_total: 1 }));
      return [dayIndex, { ...day, units: sold, events: 1 }];
    }),
  );
}

const unitsOf = ({ units }: DaySummary) => units;

function compareLast(days: Map<number, DaySummary>) {
  const last = days.get(days.size - 1);
  return last ? compareWithLastWeek(days, last, unitsOf) : null;
}

describe('the comparison of a day', () => {
  test('a day is compared with the same weekday a week earlier, not with the day before', () => {
    const comparison = compareLast(daysOf([10, 1, 2, 3, 4, 5, 6, 12]));
    expect(comparison?.before.units).toBe(10);
    expect(comparison?.isUnusual).toBe(false);
  });

  test('there is no comparison in the first week, or while one of the two days is incomplete', () => {
    expect(compareLast(daysOf([1, 2, 3, 4, 5, 6, 7]))).toBeNull();
    const days = daysOf([1, 2, 3, 4, 5, 6, 7, 8]);
    const [first, last] = [days.get(0), days.get(7)];
    if (!first || !last) throw new Error('Both days exist.');
    expect(compareLast(new Map(days).set(7, { ...last, events: 0 }))).toBeNull();
    expect(compareLast(new Map(days).set(0, { ...first, events: 0 }))).toBeNull();
  });

  test('the comparison goes by dates, so that a calendar with gaps compares the same weekdays', () => {
    const days = [...daysOf([5, 0, 0, 0, 0, 0, 0, 9]).values()].filter(({ dayIndex }) => dayIndex !== 3);
    const withGap = new Map(days.map((day, index) => [index, { ...day, dayIndex: index }]));
    expect(compareLast(withGap)?.before.units).toBe(5);
  });

  test('a day is unusual outside one standard deviation of the last eight same weekdays', () => {
    const weeks = (saturdays: readonly number[]) => saturdays.flatMap((sold) => [sold, 0, 0, 0, 0, 0, 0]);
    const usual = weeks([90, 110, 90, 110]);
    // Mean 100, standard deviation 11.5.
    expect(compareLast(daysOf([...usual, 111]))?.isUnusual).toBe(false);
    expect(compareLast(daysOf([...usual, 112]))?.isUnusual).toBe(true);
    expect(compareLast(daysOf([...usual, 88]))?.isUnusual).toBe(true);
    expect(compareLast(daysOf([...weeks([90, 110, 90]), 200]))?.isUnusual, 'three weeks tell nothing').toBe(
      false,
    );
    expect(compareLast(daysOf([...weeks([900, ...Array(8).fill(100)]), 101]))?.isUnusual).toBe(true);
  });
});

describe('what a customer paid', () => {
  test('a customer pays the list price less the discount, rounded to hundredths for each sale', () => {
    expect(sumsOfSale({ units_sold: 303, price: 57.45, discount: 20 })).toEqual({
      units: 303,
      listCents: 1_740_735,
      netCents: 1_392_588,
    });
    expect(sumsOfSale({ units_sold: 1, price: 0.05, discount: 10 }).netCents).toBe(5);
    expect(sumsOfSale({ units_sold: 3, price: 33.33, discount: 12.5 }).netCents).toBe(8_749);
    expect(sumsOfSale({ units_sold: 7, price: 9.99, discount: 0 }).netCents).toBe(6_993);
  });

  test('the discount share is the part of the list price that customers did not pay', () => {
    expect(discountShare({ units: 1, listCents: 200, netCents: 150 })).toBe(0.25);
    expect(discountShare({ units: 0, listCents: 0, netCents: 0 })).toBe(0);
  });
});

test('a loss can be estimated once the same weekday is among the days of the four weeks before, whatever days are missing', () => {
  const days = daysOf(Array.from({ length: 43 }, () => 1));
  const isEstimated = (dayIndex: number, without: readonly number[] = []) => {
    const day = days.get(dayIndex);
    if (!day) throw new Error(`There is no day ${dayIndex}.`);
    return hasLossEstimate(new Map([...days].filter(([index]) => !without.includes(index))), day);
  };
  expect([6, 7].map((dayIndex) => isEstimated(dayIndex))).toEqual([false, true]);
  expect(isEstimated(8, [1])).toBe(false);
  expect(isEstimated(42, [35, 28, 21])).toBe(true);
  expect(isEstimated(42, [35, 28, 21, 14])).toBe(false);
});
