import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { optimizeMovingAverage } from '../../../../shared/forecast/demand-optimization.ts';
import {
  lastMean,
  movingAverageError,
  predictByAverage,
  trendOf,
  tuneMovingAverage,
  weeklyTrendPct,
} from '../../../../shared/forecast/moving-average.ts';

const recorded = z
  .array(z.object({ series: z.array(z.number()), trials: z.array(z.array(z.number())) }))
  .parse(
    JSON.parse(readFileSync(new URL('../../../golden/optuna/moving-average.json', import.meta.url), 'utf8')),
  );

const product = { store_id: 'S001', product_id: 'P0001', analysis_up_to_day: 'all' };
const history = (units: readonly number[]) =>
  units.map((units_sold, index) => ({ date: `day ${index + 1}`, units_sold }));

describe('movingAverageError', () => {
  it.each(recorded.map((golden, index) => [index, golden] as const))(
    'the error of a moving average equals the recorded one to the last bit and leads to the recorded trials, series %i',
    (_, { series, trials }) => {
      const rmse = movingAverageError(series);
      const errors = trials.map(([window = 0, min_periods = 0]) => rmse({ window, min_periods }));
      expect(errors).toEqual(trials.map((row) => row[3]));
      const rows = tuneMovingAverage(series, 50).trials.map(({ params, value }) => [
        ...Object.values(params),
        value,
      ]);
      expect(rows).toEqual(trials);
    },
  );

  it('the error of a moving average agrees with its definition on any series', () => {
    const series = fc.array(fc.nat(500), { minLength: 1, maxLength: 120 });
    fc.assert(
      fc.property(
        series,
        fc.integer({ min: 3, max: 30 }),
        fc.integer({ min: 1, max: 7 }),
        (units, window, min_periods) => {
          const start = Math.floor(0.8 * units.length);
          const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
          const squares = units.slice(start).map((value, index) => {
            const before = units.slice(0, start + index);
            const chunk = before.slice(-window);
            const known = chunk.length >= min_periods ? chunk : before;
            return (value - (before.length === 0 ? Number(units[0]) : mean(known))) ** 2;
          });
          expect(movingAverageError(units)({ window, min_periods })).toBeCloseTo(Math.sqrt(mean(squares)), 9);
        },
      ),
    );
  });
});

describe('lastMean', () => {
  it('the mean of the last values averages all of them when there are fewer than the window', () => {
    expect(lastMean([1, 2, 6], 2)).toBe(4);
    expect(lastMean([1, 2, 6], 30)).toBe(3);
  });
});

describe('the weekly trend', () => {
  it('the weekly trend compares the last week with the one before and needs both', () => {
    expect(weeklyTrendPct(new Array<number>(13).fill(4))).toBeNull();
    expect(weeklyTrendPct([...new Array<number>(7).fill(4), ...new Array<number>(7).fill(5)])).toBeCloseTo(
      25,
      6,
    );
  });

  it('a trend of exactly two per cent is stable', () => {
    expect([2.0001, 2, -2, -2.0001].map(trendOf)).toEqual(['up', 'stable', 'stable', 'down']);
  });
});

describe('predictByAverage', () => {
  it('a prediction reports a trend only from two weeks of history on', () => {
    const answer = predictByAverage({ ...product, days: 7 }, history([5, 6, 8]));
    expect(answer).toMatchObject({ forecast_next_day: 6.33, trend: 'insufficient data', trend_pct: 0 });
  });

  it('a prediction from an empty history throws', () => {
    expect(() => predictByAverage({ ...product, days: 7 }, [])).toThrow(/at least one day/);
  });
});

describe('optimizeMovingAverage', () => {
  it('a search on a series without any sale returns finite numbers throughout', () => {
    const { forecast, optimization } = optimizeMovingAverage(
      { ...product, n_trials: 5 },
      history(new Array(20).fill(0)),
    );
    expect(forecast).toMatchObject({ forecast_next_day: 0, trend: 'stable', trend_pct: 0, window_used: 13 });
    expect(optimization).toMatchObject({ first_trial_rmse: 0, best_rmse: 0, improvement_pct: 0 });
  });

  it('a search throws with fewer than 20 days or without trials', () => {
    expect(() => optimizeMovingAverage({ ...product, n_trials: 5 }, history(new Array(19).fill(1)))).toThrow(
      'Need 20+ days of data, got 19.',
    );
    expect(() => optimizeMovingAverage({ ...product, n_trials: 0 }, history(new Array(20).fill(1)))).toThrow(
      /at least one trial/,
    );
  });
});
