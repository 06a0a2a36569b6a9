import { expect, it } from 'vitest';
import { insightDay, lookingAt, pastDayIndex } from '../../../../web/state/address.ts';
import { addToRun } from '../../../../web/state/run.ts';
import { emptyRun, initialState } from '../../../../web/state/state.ts';
import { addToBreakdown, EMPTY_BREAKDOWN } from '../../../../web/state/sums.ts';
import { storedSale } from '../../../support/live-world.ts';

const sales = [
  storedSale({ id: 1, day_index: 0, date: '2022-01-01', day_total: 1, units_sold: 3 }),
  storedSale({ id: 2, day_index: 1, date: '2022-01-02', day_total: 2, units_sold: 5 }),
];
const state = { ...initialState, run: addToRun(emptyRun, sales, 0) };

it('without a past day the newest day with sales is shown', () => {
  const looking = lookingAt(state, null);
  expect(looking).toMatchObject({ isPast: false, day: { dayIndex: 1, units: 5 } });
  expect([...looking.breakdown.stores.values()]).toMatchObject([{ units: 5 }]);
});

it('a past day is shown with its own sums, and with none until its sales are known', () => {
  const breakdown = addToBreakdown(EMPTY_BREAKDOWN, sales.slice(0, 1));
  const past = { dayIndex: 0, sales: null, breakdown };
  expect(lookingAt(state, past)).toMatchObject({ isPast: true, day: { dayIndex: 0, units: 3 }, breakdown });
  expect(lookingAt(state, { ...past, dayIndex: 7 })).toMatchObject({ isPast: true, day: null });
});

it('insights are those of the shown day once it is complete, and of the day before until then', () => {
  expect(insightDay(lookingAt(state, null))).toBe(1);
  const complete = addToRun(state.run, [storedSale({ ...sales[1], id: 3 })], 0);
  expect(insightDay(lookingAt({ ...state, run: complete }, null))).toBe(2);
  expect(insightDay(lookingAt(initialState, null))).toBeNull();
  const begun = addToRun(emptyRun, [storedSale({ day_index: 0, day_total: 100 })], 0);
  expect(insightDay(lookingAt({ ...initialState, run: begun }, null))).toBeNull();
});

it('the address names a past day only if it has been played', () => {
  const at = (day: number | null) => pastDayIndex(day, { status: { day_index: 4 } });
  expect([at(1), at(5), at(6), at(null)]).toEqual([0, 4, null, null]);
  expect(pastDayIndex(1, { status: null })).toBeNull();
});
