import { describe, expect, it } from 'vitest';
import { errorPool, scaledErrors } from '../../../../../shared/forecast/backtest/error-pool.ts';
import {
  conformalMargins,
  coverage,
  holds,
  intervalTails,
  localScales,
} from '../../../../../shared/forecast/backtest/intervals.ts';
import { forecastSeries } from '../../../../../shared/forecast/demand-forecast.ts';
import { mersenneTwister } from '../../../../../shared/forecast/tpe/mt19937.ts';
import { brokenSeries, REGIMES } from '../../../../support/broken-series.ts';

/** The errors of a forecast of zero are the series itself; 28 steps from origins a week apart. */
const WEEKS = 40;
const origins = Array.from({ length: WEEKS }, (_, week) => 28 + 7 * week);
const zeros = origins.map(() => new Array<number>(28).fill(0));
const seriesOf = (valueAt: (day: number) => number) =>
  Array.from({ length: 28 + 7 * WEEKS + 7 }, (_, day) => valueAt(day));

describe('conformalMargins', () => {
  it('margins are quantiles of the signed errors, so that each tail is a service level', () => {
    const uniform = mersenneTwister(5);
    // Errors of −1 … 3 in equal shares: a tenth lies below −0.6 and a tenth above 2.6.
    const series = seriesOf(() => 4 * uniform() - 1);
    const { below, above } = conformalMargins(series, origins, zeros)(0.8);
    expect(below[0]).toBeGreaterThan(-0.95);
    expect(below[0]).toBeLessThan(-0.35);
    expect(above[0]).toBeGreaterThan(2.2);
    expect(above[0]).toBeLessThan(3.1);
  });

  it('margins grow with the level and stand in with the largest error at levels beyond the errors', () => {
    const uniform = mersenneTwister(6);
    const series = seriesOf(() => uniform() - 0.5);
    const at = conformalMargins(series, origins, zeros);
    const widths = [0.5, 0.8, 0.95, 0.999, 0.9999].map((level) => Number(at(level).above[3]));
    expect(widths).toEqual(widths.toSorted((a, b) => a - b));
    expect(widths[4]).toBe(widths[3]);
  });

  it('margins follow the size that errors have now', () => {
    const uniform = mersenneTwister(7);
    const quiet = seriesOf(() => uniform() - 0.5);
    const louder = quiet.map((value, day) => (day < quiet.length - 42 ? value : 4 * value));
    const [before, after] = [quiet, louder].map((series) =>
      Number(conformalMargins(series, origins, zeros)(0.8).above[0]),
    );
    expect(Number(after) / Number(before)).toBeGreaterThan(2);
  });

  it('margins are zero where the past had no errors', () => {
    const at = conformalMargins(
      seriesOf(() => 0),
      origins,
      zeros,
    );
    expect(at(0.95)).toEqual({ below: new Array(28).fill(0), above: new Array(28).fill(0) });
  });
});

describe('errorPool', () => {
  it('the forecast to come weighs more where the days of a window err together than where they err one by one', () => {
    const uniform = mersenneTwister(11);
    const windows = 20;
    const apart = Array.from({ length: windows }, (_, window) => 28 * (window + 1));
    const flat = apart.map(() => new Array<number>(28).fill(0));
    const days = 28 * (windows + 1);
    const ownWindows = (valueAt: (day: number) => number) => {
      const series = Array.from({ length: days }, (_, day) => valueAt(day));
      const errors = scaledErrors(series, apart, flat, new Float64Array(days + 1).fill(1));
      const { own, total } = errorPool(errors, windows, days);
      return (own / (total - own)) * windows;
    };
    const levels = Array.from({ length: windows + 1 }, () => uniform() - 0.5);
    expect(ownWindows(() => uniform() - 0.5)).toBeLessThan(0.4);
    expect(ownWindows((day) => Number(levels[Math.floor(day / 28)]))).toBeGreaterThan(1.2);
    expect(ownWindows(() => 0)).toBeLessThan(0.4);
  });
});

describe('localScales', () => {
  it('the scale of a series that has been ten times as loud for 150 days is ten times what it was', () => {
    const uniform = mersenneTwister(10);
    const loudSince = 300;
    const days = 450;
    const quiet = Array.from({ length: days }, () => 50 + uniform());
    const louder = quiet.map((value, day) => (day < loudSince ? value : 50 + 10 * (value - 50)));
    const [before, after] = [quiet, louder].map((series) => Number(localScales(series, [28])[days]));
    expect(Number(after) / Number(before)).toBeCloseTo(10, 0);
  });
});

describe('intervalTails', () => {
  it('tails use windows that had ended by the origin alone', () => {
    const uniform = mersenneTwister(8);
    const series = seriesOf(() => uniform() - 0.5);
    const origin = Number(origins[30]);
    const changed = series.map((value, day) => (day < origin + 7 ? value : 100 * value));
    expect(intervalTails(changed, origins, zeros)[30]).toEqual(intervalTails(series, origins, zeros)[30]);
  });

  it('tails are unknown before enough windows have ended and after the end of the series', () => {
    const uniform = mersenneTwister(9);
    const series = seriesOf(() => uniform() - 0.5).slice(0, Number(origins.at(-1)) + 3);
    const tails = intervalTails(series, origins, zeros, WEEKS);
    expect(
      tails
        .slice(0, 4)
        .flat()
        .every((tail) => tail === null),
    ).toBe(true);
    expect(tails.at(-1)?.map((tail) => tail === null)).toEqual([false, false, false, true, true, true, true]);
  });

  it('an error beyond all past ones lies in no interval and no error lies in every interval', () => {
    const series = seriesOf((day) => (day % 2 === 0 ? 1 : -1));
    const last = Number(origins.at(-1));
    const tails = intervalTails(series.with(last, 50).with(last + 1, 0), origins, zeros).at(-1);
    expect(holds(Number(tails?.[0]), 0.9999)).toBe(false);
    expect(holds(Number(tails?.[1]), 0.01)).toBe(true);
  });

  it.each(REGIMES)('tails for some levels have the same coverage of them as exact tails: %s', (regime) => {
    const levels = [0.5, 0.8, 0.95];
    const { history } = brokenSeries(regime, 3);
    const known = origins.filter((origin) => origin < history.length);
    const asLastWeek = known.map((origin) =>
      Array.from({ length: 28 }, (_, step) => Number(history[origin - 7 + (step % 7)])),
    );
    const exact = intervalTails(history, known, asLastWeek);
    const forLevels = intervalTails(history, known, asLastWeek, undefined, undefined, levels);
    for (const level of levels) expect(coverage(forLevels, level)).toBe(coverage(exact, level));
  });
});

describe.each([
  { kind: 'every day counted', estimated: {} },
  { kind: 'estimates on days that sold out', estimated: { 143: 52.99999278, 230: 51.2287 } },
])('intervals of counts that hardly vary, with $kind', ({ estimated }) => {
  /** A timetable: 51 on most days, now and then one more or less for some weeks. */
  const timetable = (day: number) => 51 + (Math.floor(day / 45) % 3 === 1 ? 1 : 0) - (day % 7 === 4 ? 20 : 0);
  const { steps, backtest, model } = forecastSeries(
    Object.assign(
      Array.from({ length: 300 }, (_, day) => timetable(day)),
      estimated,
    ),
    { horizon: 14, levels: [50, 80], model: 'combination' },
  );

  it('every interval holds a whole number', () => {
    for (const { intervals } of steps) {
      for (const { lower, upper } of intervals) {
        expect(Math.floor(upper)).toBeGreaterThanOrEqual(Math.ceil(lower));
      }
    }
  });

  it('the value nearest to the forecast is held by every interval, and counts as held in what is claimed', () => {
    for (const { units, intervals } of steps) {
      for (const { lower, upper } of intervals) {
        expect(lower).toBeLessThanOrEqual(Math.round(units));
        expect(upper).toBeGreaterThanOrEqual(Math.round(units));
      }
    }
    const row = backtest.rows.find((each) => each.model === model);
    expect(Number(row?.coverage[0]?.share)).toBeGreaterThan(0.6);
  });
});

describe('coverage', () => {
  it('the coverage counts recent windows more and starts from the level', () => {
    const [inside, outside] = [new Array<number>(7).fill(0.5), new Array<number>(7).fill(0)];
    const tails = (...windows: number[][]) => coverage(windows, 0.8);
    expect(tails(inside)).toBeGreaterThan(0.8);
    expect(tails(inside)).toBeLessThan(1);
    expect(Number(tails(outside, inside))).toBeGreaterThan(Number(tails(inside, outside)));
    expect(coverage([[null]], 0.8)).toBeNull();
  });
});

describe('intervals two weeks ahead', () => {
  it.each(REGIMES)('intervals of a series of the regime "%s" hold as often as they claim', (regime) => {
    const levels = [80, 95];
    const held = [0, 0];
    const claimed = [0, 0];
    const SERIES = 24;
    for (let seed = 0; seed < SERIES; seed++) {
      const { history, future } = brokenSeries(regime, seed);
      const { steps, backtest, model } = forecastSeries(history, { horizon: 14, levels, model: 'auto' });
      const row = backtest.rows.find((each) => each.model === model);
      levels.forEach((_, index) => {
        claimed[index] = Number(claimed[index]) + Number(row?.coverage[index]?.share) / SERIES;
        const inside = steps.filter(({ intervals }, step) => {
          const { lower = 0, upper = 0 } = intervals[index] ?? {};
          return Number(future[step]) >= lower && Number(future[step]) <= upper;
        });
        held[index] = Number(held[index]) + inside.length / steps.length / SERIES;
      });
    }
    // The goals (75–85 %, 92–98 %) and three points for the few series of a test.
    expect(held[0]).toBeGreaterThan(0.72);
    expect(held[0]).toBeLessThan(0.88);
    expect(held[1]).toBeGreaterThan(0.89);
    expect(held[1]).toBeLessThan(0.995);
    claimed.forEach((claim, index) => {
      expect(claim - Number(held[index])).toBeLessThan(0.08);
    });
  });

  it.each(['launch', 'triples'] as const)('a %s is never forecast by seasonal naive', (regime) => {
    for (let seed = 0; seed < 12; seed++) {
      const { history } = brokenSeries(regime, 100 + seed);
      expect(forecastSeries(history, { horizon: 7, levels: [80], model: 'auto' }).model).not.toBe(
        'seasonal_naive',
      );
    }
  });
});
