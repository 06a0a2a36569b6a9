import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { calendarGrid, weekdayOf } from '../../../../web/views/calendar.ts';

const ROOM = { width: 1_232, height: 84, text: 12 };

describe('the cells of the calendar', () => {
  test('the days of a week are one below the other, and Monday is at the top', () => {
    // A Saturday: the first column has two days.
    const { boxOf, left, columnWidth, rowHeight } = calendarGrid({ total: 731, firstWeekday: 5 }, ROOM);
    const cell = (day: number) => {
      const { x, y } = boxOf(day);
      return [Math.round((x - left) / columnWidth), Math.round(y / rowHeight)];
    };
    expect([0, 1, 2, 8, 9].map(cell)).toEqual([
      [0, 5],
      [0, 6],
      [1, 0],
      [1, 6],
      [2, 0],
    ]);
    expect(weekdayOf('2022-01-01')).toBe(5);
    expect(weekdayOf('2022-01-03')).toBe(0);
  });

  test('the centre of each cell belongs to its day, from one day to ten years, at every width', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 3_650 }),
        fc.option(fc.integer({ min: 0, max: 6 })),
        fc.integer({ min: 260, max: 3_800 }),
        fc.nat(3_649),
        (total, firstWeekday, width, any) => {
          const day = any % total;
          const { boxOf, dayAt } = calendarGrid({ total, firstWeekday }, { ...ROOM, width });
          const box = boxOf(day);
          expect(dayAt(box.x + box.width / 2, box.y + box.height / 2)).toBe(day);
          expect(box.x).toBeGreaterThanOrEqual(0);
          expect(box.x + box.width).toBeLessThanOrEqual(width + 1e-6);
          expect(box.y + box.height).toBeLessThanOrEqual(ROOM.height + 1e-6);
        },
      ),
    );
  });

  test('a point beside the days belongs to none, and one on the dates below to the last row', () => {
    const { dayAt, left, columnWidth } = calendarGrid({ total: 60, firstWeekday: 5 }, ROOM);
    expect(dayAt(left + 1, 1)).toBeNull();
    expect(dayAt(left - 1, 80)).toBeNull();
    expect(dayAt(ROOM.width - 1, 1)).toBeNull();
    expect(dayAt(left + 1, 100)).toBe(1);
    expect(dayAt(left + columnWidth + 1, -1)).toBe(2);
    expect(calendarGrid({ total: 0, firstWeekday: null }, ROOM).dayAt(5, 5)).toBeNull();
  });

  test('weekdays are named only where there is room and the dates are known', () => {
    expect(calendarGrid({ total: 731, firstWeekday: 5 }, { ...ROOM, width: 280 }).left).toBe(0);
    expect(calendarGrid({ total: 731, firstWeekday: null }, ROOM).left).toBe(0);
    expect(calendarGrid({ total: 731, firstWeekday: 5 }, ROOM).left).toBeGreaterThan(20);
  });
});
