import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarTicks, type DatedDay } from '../../../../web/views/calendar.ts';

const DAY_MS = 86_400_000;

/** A number of consecutive days from a date. */
function daysFrom(date: string, count: number): DatedDay[] {
  return Array.from({ length: count }, (_, dayIndex) => ({
    dayIndex,
    date: new Date(Date.parse(date) + dayIndex * DAY_MS).toISOString().slice(0, 10),
  }));
}

const labels = (days: DatedDay[], dayPx: number) => calendarTicks(days, dayPx).map(({ label }) => label);

describe('the marks of an axis of days', () => {
  test('the axis marks days where there is room, and Mondays where there is less', () => {
    expect(labels(daysFrom('2022-01-30', 3), 75)).toEqual(['30 Jan 2022', '31 Jan', '1 Feb']);
    expect(calendarTicks(daysFrom('2022-01-01', 20), 12)).toEqual([
      { dayIndex: 2, label: '3 Jan 2022' },
      { dayIndex: 9, label: '10 Jan' },
      { dayIndex: 16, label: '17 Jan' },
    ]);
  });

  test('the axis marks the firsts of months, January by its year, and fewer of them with less room', () => {
    const quarter = daysFrom('2022-11-15', 90);
    expect(labels(quarter, 2)).toEqual(['Dec 2022', '2023', 'Feb']);
    const all = daysFrom('2022-01-01', 731);
    expect(labels(all, 1.7)).toHaveLength(25);
    expect(labels(all, 1.7).slice(0, 3)).toEqual(['2022', 'Feb', 'Mar']);
    expect(labels(all, 0.6)).toEqual(['2022', 'Apr', 'Jul', 'Oct', '2023', 'Apr', 'Jul', 'Oct', '2024']);
    expect(labels(all, 0.3)).toEqual(['2022', 'Jul', '2023', 'Jul', '2024']);
  });

  test('a mark is on the first existing day of its period, whatever days are missing', () => {
    const withoutFirsts = daysFrom('2022-01-01', 90).filter(({ date }) => date.slice(8) > '03');
    expect(calendarTicks(withoutFirsts, 2)).toEqual([
      { dayIndex: 34, label: 'Feb 2022' },
      { dayIndex: 62, label: 'Mar' },
    ]);
  });

  test('marks are never closer than their labels allow, and there are none without days or room', () => {
    expect(calendarTicks([], 10)).toEqual([]);
    expect(labels(daysFrom('2022-02-01', 4), 20)).toEqual(['1 Feb 2022']);
    expect(calendarTicks(daysFrom('2022-01-01', 731), 0.01)).toEqual([]);
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 800 }), fc.double({ min: 0.05, max: 100 }), (count, dayPx) => {
        const ticks = calendarTicks(daysFrom('2021-12-25', count), dayPx);
        for (const [index, { dayIndex }] of ticks.slice(1).entries()) {
          expect((dayIndex - (ticks[index]?.dayIndex ?? 0)) * dayPx).toBeGreaterThanOrEqual(44);
        }
      }),
    );
  });
});
