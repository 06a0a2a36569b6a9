import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { axisTop, daysRows, daysView, type Outlook } from '../../../../web/charts/days-view.ts';
import type { KeptDay } from '../../../../web/state/kept-forecasts.ts';
import type { DaySummary } from '../../../../web/state/sums.ts';

const dateOf = (dayIndex: number) => new Date(Date.UTC(2022, 0, 1 + dayIndex)).toISOString().slice(0, 10);

function day(dayIndex: number, units: number, promoted = 0): DaySummary {
  return {
    dayIndex,
    date: dateOf(dayIndex),
    units,
    listCents: 0,
    netCents: 0,
    events: 10,
    total: 10,
    promoted,
    completeAt: null,
  };
}

const interval = (units: number) => [
  { level: 80, lower: units - 10, upper: units + 10 },
  { level: 95, lower: units - 20, upper: units + 20 },
];

function kept(dayIndex: number, forecast: number | null, actual: number | null): [number, KeptDay] {
  const intervals = forecast === null ? [] : interval(forecast);
  return [
    dayIndex,
    { day: dayIndex + 1, date: dateOf(dayIndex), forecast_units: forecast, intervals, actual },
  ];
}

function outlook(after: number, units: readonly number[]): Outlook {
  const steps = units.map((forecast_units, index) => ({
    day: index + 1,
    date: dateOf(after + index + 1),
    forecast_units,
    intervals: interval(forecast_units),
    offer: null,
  }));
  return { after, steps };
}

const days = [day(0, 100), day(1, 200, 9), day(2, 150, 9), day(3, 90), day(4, 100, 9)];
const all = new Map(days.map((each) => [each.dayIndex, each]));
const view = (options: Partial<Parameters<typeof daysView>[0]> = {}) =>
  daysView({
    days,
    all,
    current: 4,
    storeId: null,
    kept: new Map([kept(2, 140, 150), kept(3, 130, 90), kept(4, null, 100), kept(5, 110, null)]),
    outlook: null,
    ...options,
  });

describe('the chart of units against their forecast', () => {
  test('a day is ringed outside the interval that was kept for it', () => {
    expect(view().anomalies).toEqual([{ x: 3, y: 90 }]);
    expect(view({ kept: new Map() }).anomalies).toEqual([]);
  });

  test('tomorrow has the kept forecast, later days that of the outlook, and the bands begin at what was sold', () => {
    const { forecast, bands } = view({ outlook: outlook(4, [999, 120, 125]) });
    expect(forecast).toEqual([
      { x: 2, y: 140 },
      { x: 3, y: 130 },
      { x: 5, y: 110 },
      { x: 6, y: 120 },
      { x: 7, y: 125 },
    ]);
    const [wide, narrow] = bands;
    expect(wide?.lower).toEqual([
      { x: 4, y: 100 },
      { x: 5, y: 90 },
      { x: 6, y: 100 },
      { x: 7, y: 105 },
    ]);
    expect(narrow?.upper.map(({ y }) => y)).toEqual([100, 120, 130, 135]);
  });

  test('an outlook of an earlier day tells only of the days still ahead, one of a later day nothing', () => {
    const ahead = (of: Outlook) => view({ outlook: of }).forecast.filter(({ x }) => x > 4);
    expect(ahead(outlook(2, [1, 2, 3, 4]))).toEqual([
      { x: 5, y: 110 },
      { x: 6, y: 4 },
    ]);
    expect(ahead(outlook(6, [1, 2]))).toEqual([{ x: 5, y: 110 }]);
  });

  test('there is no band ahead where the current day is not shown, and none without a forecast', () => {
    const earlier = view({ days: days.slice(0, 3), outlook: outlook(4, [1, 2, 3]) });
    expect(earlier.bands.map(({ lower }) => lower)).toEqual([[], []]);
    expect(earlier.now).toBeNull();
    expect(view({ kept: new Map() }).bands.map(({ lower }) => lower)).toEqual([[], []]);
  });

  test('the units of a store are those that were read for it', () => {
    const { sold, text } = view({ storeId: 'S1', kept: new Map([kept(3, 31, 30), kept(4, 41, 40)]) });
    expect(sold).toEqual([
      { x: 3, y: 30 },
      { x: 4, y: 40 },
    ]);
    expect(text).toBe(
      'Wed 5 Jan 2022: 40 units; the day before, 41 were forecast, within the 95 % interval of 21 to 61.',
    );
  });

  test('consecutive promotion days are one strip, and data without promotions has none', () => {
    expect(view().promotions).toEqual([
      [1, 2],
      [4, 4],
    ]);
    expect(view({ days: [day(0, 1), day(1, 1)] }).promotions).toEqual([]);
  });

  test('a year earlier is the same weekday 52 weeks before', () => {
    const late = day(364, 50);
    const { yearEarlier } = view({ days: [late], all: new Map([...all, [364, late]]), current: 364 });
    expect(yearEarlier).toEqual([{ x: 364, y: 100 }]);
  });

  test('the sentence says whether the day was inside its interval, or that nothing was forecast', () => {
    expect(view({ current: 3 }).text).toBe(
      'Tue 4 Jan 2022: 90 units; the day before, 130 were forecast, outside the 95 % interval of 110 to 150.',
    );
    expect(view().text).toBe('Wed 5 Jan 2022: 100 units; nothing was forecast for it.');
    expect(view({ kept: new Map() }).text).toBe('Wed 5 Jan 2022: 100 units.');
  });
});

test('no value is above the highest label of an axis, which has few labels', () => {
  expect(axisTop(10_400)).toEqual({ max: 12_500, step: 2_500 });
  expect(axisTop(100)).toEqual({ max: 100, step: 20 });
  expect(axisTop(0)).toEqual({ max: 1, step: 1 });
  expect(axisTop(3)).toEqual({ max: 3, step: 1 });
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 100_000_000 }), (greatest) => {
      const { max, step } = axisTop(greatest);
      expect(max).toBeGreaterThanOrEqual(greatest);
      expect(max - step).toBeLessThan(greatest);
      expect(max / step).toBeLessThanOrEqual(6);
      expect(Number.isInteger(max / step)).toBe(true);
    }),
  );
});

test('the saved rows have dates, both intervals, the days ahead and the year before', () => {
  const early = [day(0, 70), day(364, 80), day(365, 90)];
  const rows = daysRows(
    view({
      days: early.slice(1),
      all: new Map(early.map((each) => [each.dayIndex, each])),
      current: 365,
      kept: new Map([kept(364, null, 80), kept(365, 95, 90), kept(366, 100, null)]),
    }),
  );
  expect(rows).toEqual([
    ['Date', 'Sold', 'Forecast', 'Lower 80 %', 'Upper 80 %', 'Lower 95 %', 'Upper 95 %', 'A year earlier'],
    ['2022-12-31', 80, null, undefined, undefined, undefined, undefined, 70],
    ['2023-01-01', 90, 95, 85, 105, 75, 115, undefined],
    ['2023-01-02', undefined, 100, 90, 110, 80, 120, undefined],
  ]);
});

test('one day with one unit is counted in the singular', () => {
  expect(view({ days: [day(4, 1)], all: new Map([[4, day(4, 1)]]), kept: new Map() }).text).toMatch(
    /: 1 unit\.$/,
  );
});
