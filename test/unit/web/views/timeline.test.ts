import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { reduce } from '../../../../web/state/reduce.ts';
import { initialState, type PageState } from '../../../../web/state/state.ts';
import { datesOfCalendar } from '../../../../web/views/calendar.ts';
import {
  dayAt,
  daysLeftTo,
  dayText,
  marksText,
  timelineColumns,
} from '../../../../web/views/timeline-layout.ts';
import { storedSale } from '../../../support/live-world.ts';

/** A page that has seen the given days, by their units sold at 1.00 each. */
function page(totalDays: number, dayIndex: number, units: Record<number, number> = {}): PageState {
  const status = {
    current_day: null,
    day_index: dayIndex,
    total_days: totalDays,
    day_total: 1,
    day_received: 1,
    is_running: true,
    is_complete: false,
    progress_pct: 100,
    run_id: 'r',
  };
  const sales = Object.entries(units).map(([index, units_sold]) =>
    storedSale({ day_index: Number(index), units_sold, price: 1, discount: 0 }),
  );
  return reduce({ ...initialState, status }, { type: 'sales', sales, at: 0 });
}

/** The days of a whole calendar. */
const timelineDays = ({ status, run }: PageState) => ({
  total: status?.total_days ?? 0,
  today: status?.day_index ?? -1,
  days: run.days,
});

describe('the calendar timeline', () => {
  test('the timeline has a column for every day where there is room, and otherwise shares columns without losing a day', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1_000 }), fc.integer({ min: 1, max: 2_000 }), (days, room) => {
        const columns = timelineColumns(timelineDays(page(days, -1)), room);
        expect(columns).toHaveLength(Math.min(days, room));
        expect(columns[0]?.dayIndex).toBe(0);
        const first = columns.map(({ dayIndex }) => dayIndex);
        expect(first).toEqual([...new Set(first)].sort((a, b) => a - b));
      }),
    );
  });

  test('the timeline shows known revenue, and otherwise whether a day has happened or is ahead', () => {
    expect(timelineColumns(timelineDays(page(5, 3, { 2: 50, 3: 100 })), 100)).toEqual([
      { dayIndex: 0, kind: 'played', height: 0 },
      { dayIndex: 1, kind: 'played', height: 0 },
      { dayIndex: 2, kind: 'known', height: 0.5 },
      { dayIndex: 3, kind: 'known', height: 1 },
      { dayIndex: 4, kind: 'toCome', height: 0 },
    ]);
  });

  test('a shared column shows the greatest of its days', () => {
    expect(
      timelineColumns(timelineDays(page(4, 3, { 0: 100, 1: 10, 3: 50 })), 2).map(({ height }) => height),
    ).toEqual([1, 0.5]);
  });

  test('the timeline is empty without a calendar', () => {
    expect(timelineColumns(timelineDays(initialState), 100)).toEqual([]);
    expect(timelineColumns(timelineDays(page(0, -1)), 100)).toEqual([]);
  });

  test('every point of the timeline, edges included, belongs to a day', () => {
    expect([0, 0.5, 0.999, 1, -0.1].map((part) => dayAt(part, 731))).toEqual([0, 365, 730, 730, 0]);
  });

  test('the label of a day has its date and its revenue, as far as they are known', () => {
    const state = page(10, 3, { 2: 1_500 });
    expect(dayText(2, state)).toBe('Sat 1 Jan 2022 · day 3: 1,500');
    expect(dayText(3, state)).toBe('Sun 2 Jan 2022 · day 4: played');
    expect(dayText(4, state)).toBe('Mon 3 Jan 2022 · day 5: advance 1 day');
    expect(dayText(9, page(10, -1))).toBe('Day 10: advance 10 days');
  });

  test('the label of a day names a promotion and what sold out, as far as there was any', () => {
    const day = page(10, 3, { 2: 1_500 }).run.days.get(2);
    if (!day) throw new Error('The day is known.');
    expect(marksText(day, 0)).toBe('');
    expect(marksText({ ...day, promoted: day.events }, 2)).toBe(', promotion, 2 sold out');
    expect(marksText(undefined, 2)).toBe('');
  });

  test('the days ahead are dated from those that have happened, unless days are missing among them', () => {
    const state = page(4, 2, { 1: 10 });
    const at = (current_day: string) =>
      datesOfCalendar({ ...state, status: state.status && { ...state.status, current_day } });
    expect(at('2022-01-02').map(({ date }) => date)).toEqual([
      '2021-12-31',
      '2022-01-01',
      '2022-01-02',
      '2022-01-03',
    ]);
    expect(at('2022-01-03')).toEqual([]);
    expect(datesOfCalendar(page(4, -1))).toEqual([]);
  });
});

describe('a question about a far day', () => {
  const at = (day_index: number, run_id = 'r') => {
    const { status } = page(60, day_index);
    return status && { ...status, run_id };
  };

  test('after a question about a far day, at most the days that it was about are advanced', () => {
    expect(daysLeftTo(30, at(3), at(3))).toBe(27);
    expect(daysLeftTo(30, at(3), at(20))).toBe(10);
    expect(daysLeftTo(30, at(3), at(40))).toBe(0);
  });

  test('nobody advances in a run that began while the question was open', () => {
    expect(daysLeftTo(30, at(3), at(3, 'next'))).toBeNull();
    expect(daysLeftTo(30, at(3), at(-1))).toBeNull();
  });
});
