import { describe, expect, test } from 'vitest';
import {
  addForecasts,
  daysToRead,
  intervalOf,
  isAnomaly,
  type KeptDay,
} from '../../../../web/state/kept-forecasts.ts';

const RUN = { runId: 'r', storeId: null };

/** Days of a run by index; those after `played` have nothing sold yet. */
function history(from: number, to: number, played: number): KeptDay[] {
  return Array.from({ length: to - from + 1 }, (_, offset) => ({
    day: from + offset + 1,
    date: '2022-01-01',
    forecast_units: 100,
    intervals: [
      { level: 80, lower: 90, upper: 110 },
      { level: 95, lower: 80, upper: 120 },
    ],
    actual: from + offset <= played ? 100 : null,
  }));
}

describe('which kept forecasts are read', () => {
  const wanted = (from: number, to: number) => ({ ...RUN, from, to });
  const known = addForecasts(null, wanted(10, 21), history(10, 21, 20));

  test('everything is read at first, for another store, and in another run', () => {
    expect(daysToRead(null, wanted(10, 21))).toEqual({ from: 10, to: 21 });
    expect(daysToRead(known, { ...wanted(10, 21), storeId: 'S1' })).toEqual({ from: 10, to: 21 });
    expect(daysToRead(known, { ...wanted(10, 21), runId: 'other' })).toEqual({ from: 10, to: 21 });
  });

  test('nothing is read again while no other day is needed', () => {
    expect(daysToRead(known, wanted(10, 21))).toBeNull();
    expect(daysToRead(known, wanted(15, 20))).toBeNull();
  });

  test('when days have passed, those are read whose sales were unknown, and the new ones', () => {
    expect(daysToRead(known, wanted(10, 24))).toEqual({ from: 21, to: 24 });
    const more = addForecasts(known, wanted(21, 24), history(21, 24, 23));
    expect(more.from).toBe(10);
    expect(daysToRead(more, wanted(10, 24))).toBeNull();
    expect(more.days.get(21)?.actual).toBe(100);
    expect(more.days.size).toBe(15);
  });

  test('days before the known ones, or far after them, replace them, so that no gap remains', () => {
    expect(daysToRead(known, wanted(0, 21))).toEqual({ from: 0, to: 21 });
    expect(daysToRead(known, wanted(40, 41))).toEqual({ from: 40, to: 41 });
    expect([...addForecasts(known, wanted(40, 41), history(40, 41, 40)).days.keys()]).toEqual([40, 41]);
    expect(addForecasts(known, wanted(0, 21), history(0, 21, 20)).from).toBe(0);
  });
});

describe('an anomaly', () => {
  const [day] = history(0, 0, 0);

  test('a day is an anomaly outside its 95 % interval, not at its ends, and never without one', () => {
    if (!day) throw new Error('There is a day.');
    expect([79, 80, 120, 121].map((units) => isAnomaly(day, units))).toEqual([true, false, false, true]);
    expect(isAnomaly({ intervals: [] }, 1_000)).toBe(false);
    expect(intervalOf(day, 80)).toMatchObject({ lower: 90, upper: 110 });
    expect(intervalOf(day, 50)).toBeNull();
  });
});
