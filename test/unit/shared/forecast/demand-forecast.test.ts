import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODEL_NAMES } from '../../../../shared/api/forecast-models.ts';
import {
  type DemandForecast,
  type ForecastRequest,
  forecastSeries,
} from '../../../../shared/forecast/demand-forecast.ts';
import { mersenneTwister } from '../../../../shared/forecast/tpe/mt19937.ts';

const WEEKDAYS = [40, 42, 45, 50, 70, 95, 60];
const AUTO: ForecastRequest = { horizon: 14, levels: [80, 95], model: 'auto' };
const EVERY_MODEL = [...MODEL_NAMES, 'auto'] as const;

const days = (count: number, unitsOf: (day: number) => number) =>
  Array.from({ length: count }, (_, day) => unitsOf(day));
const weekly = (day: number) => Number(WEEKDAYS[day % 7]);
const path = ({ steps }: DemandForecast) => steps.map(({ units }) => units);

/** Every number of an answer is finite, or null where it may be; no forecast is negative, and intervals nest. */
function expectSound(forecast: DemandForecast): void {
  for (const { units, intervals } of forecast.steps) {
    expect(units).toBeGreaterThanOrEqual(0);
    let [inner, outer] = [units, units];
    for (const { lower, upper } of intervals) {
      expect(lower).toBeGreaterThanOrEqual(0);
      expect(lower).toBeLessThanOrEqual(inner);
      expect(upper).toBeGreaterThanOrEqual(outer);
      [inner, outer] = [lower, upper];
    }
  }
  expect(
    JSON.stringify(forecast, (_, value) =>
      Number.isFinite(value) || typeof value !== 'number' ? value : 'NOT A NUMBER',
    ),
  ).not.toContain('NOT A NUMBER');
}

describe('forecastSeries on series with known behaviour', () => {
  it.each(EVERY_MODEL)(
    '%s forecasts a constant series by the constant with intervals of no width',
    (model) => {
      const forecast = forecastSeries(
        days(100, () => 50),
        { ...AUTO, model },
      );
      expectSound(forecast);
      for (const { units, intervals } of forecast.steps) {
        expect(units).toBeCloseTo(50, 6);
        for (const { lower, upper } of intervals) expect(upper - lower).toBeCloseTo(0, 6);
      }
    },
  );

  it.each(EVERY_MODEL)('%s forecasts zero where nothing was ever sold', (model) => {
    const forecast = forecastSeries(
      days(60, () => 0),
      { ...AUTO, model },
    );
    expectSound(forecast);
    expect(path(forecast)).toEqual(new Array(14).fill(0));
    expect(forecast.steps[0]?.intervals).toEqual([
      { level: 80, lower: 0, upper: 0 },
      { level: 95, lower: 0, upper: 0 },
    ]);
  });

  it('a forecast repeats a weekly season', () => {
    for (const model of ['auto', 'seasonal_naive', 'theta', 'holt_winters', 'combination'] as const) {
      const forecast = forecastSeries(days(120, weekly), { ...AUTO, model });
      path(forecast).forEach((units, step) => {
        expect(Math.abs(units / weekly(120 + step) - 1), `${model}, step ${step}`).toBeLessThan(0.01);
      });
    }
  });

  it('a forecast continues a trend instead of repeating last week', () => {
    const rising = (day: number) => 20 + 0.8 * day + 0.2 * weekly(day);
    const forecast = forecastSeries(days(200, rising), AUTO);
    expect(forecast.model).not.toBe('seasonal_naive');
    expect(forecast.baseline.improvement).toBeGreaterThan(0.3);
    path(forecast).forEach((units, step) => {
      expect(Math.abs(units / rising(200 + step) - 1)).toBeLessThan(0.03);
    });
  });

  it('a forecast follows a level shift', () => {
    const shifted = (day: number) => weekly(day) * (day < 150 ? 1 : 2);
    path(forecastSeries(days(200, shifted), AUTO)).forEach((units, step) => {
      expect(Math.abs(units / shifted(200 + step) - 1)).toBeLessThan(0.05);
    });
  });

  it.each(['auto', 'theta', 'holt_winters', 'combination'] as const)(
    'is little moved by one outlier: %s',
    (model) => {
      const clean = days(200, weekly);
      path(forecastSeries(clean.with(170, 2000), { ...AUTO, model })).forEach((units, step) => {
        expect(Math.abs(units / weekly(200 + step) - 1)).toBeLessThan(0.1);
      });
    },
  );

  it('a forecast of intermittent demand is close to its mean', () => {
    const uniform = mersenneTwister(7);
    const series = days(400, () => (uniform() < 0.15 ? 1 + Math.floor(uniform() * 8) : 0));
    const mean = series.reduce((sum, value) => sum + value, 0) / series.length;
    for (const model of ['auto', 'tsb'] as const) {
      const forecast = forecastSeries(series, { ...AUTO, model });
      expectSound(forecast);
      expect(path(forecast).reduce((sum, value) => sum + value, 0) / 14 / mean).toBeGreaterThan(0.6);
      expect(path(forecast).reduce((sum, value) => sum + value, 0) / 14 / mean).toBeLessThan(1.6);
    }
    expect(forecastSeries(series, AUTO).baseline.improvement).toBeGreaterThan(0.15);
  });

  it('a forecast needs 20 days of history and reports so below', () => {
    const forecast = forecastSeries(days(20, weekly), AUTO);
    expectSound(forecast);
    expect(forecast.backtest.windows).toBe(6);
    expect(() => forecastSeries(days(19, weekly), AUTO)).toThrow('Need 20+ days of data, got 19.');
  });

  it('intervals cover white noise as often as they claim', () => {
    const uniform = mersenneTwister(3);
    const hits: boolean[][] = [[], []];
    for (let pair = 0; pair < 30; pair++) {
      const series = days(207, () => 100 + Math.round(40 * (uniform() + uniform() + uniform() - 1.5)));
      const { steps } = forecastSeries(series.slice(0, 200), { ...AUTO, horizon: 7 });
      steps.forEach(({ intervals }, step) => {
        const actual = Number(series[200 + step]);
        intervals.forEach(({ lower, upper }, level) => {
          hits[level]?.push(actual >= lower && actual <= upper);
        });
      });
    }
    const [share80 = 0, share95 = 0] = hits.map((ofLevel) => ofLevel.filter(Boolean).length / ofLevel.length);
    expect(Math.abs(share80 - 0.8)).toBeLessThan(0.06);
    expect(Math.abs(share95 - 0.95)).toBeLessThan(0.03);
  });
});

const anySeries = fc.oneof(
  fc.array(fc.nat(500), { minLength: 20, maxLength: 130 }),
  fc.array(fc.constantFrom(0, 0, 0, 0, 1, 7), { minLength: 20, maxLength: 130 }),
  fc.array(fc.constantFrom(0, 10_000), { minLength: 20, maxLength: 40 }),
);

describe('forecastSeries on any series', () => {
  it('every model returns finite, ordered, non-negative numbers on any series', () => {
    fc.assert(
      fc.property(anySeries, fc.constantFrom(...EVERY_MODEL), (series, model) => {
        expectSound(forecastSeries(series, { horizon: 28, levels: [50, 80, 95, 99], model }));
      }),
      { numRuns: 60 },
    );
  });

  it('a forecast scales with its series', () => {
    fc.assert(
      fc.property(anySeries, fc.constantFrom(0.01, 0.3, 7, 1000), (series, factor) => {
        const plain = forecastSeries(series, AUTO);
        const scaled = forecastSeries(
          series.map((value) => value * factor),
          AUTO,
        );
        const size = Math.max(...series) * factor;
        scaled.steps.forEach(({ units, intervals }, step) => {
          const twin = plain.steps[step];
          expect(Math.abs(units - Number(twin?.units) * factor)).toBeLessThanOrEqual(1e-6 * size);
          intervals.forEach(({ upper }, level) => {
            expect(Math.abs(upper - Number(twin?.intervals[level]?.upper) * factor)).toBeLessThanOrEqual(
              1e-6 * size,
            );
          });
        });
      }),
      { numRuns: 40 },
    );
  });

  it('a longer horizon begins with the shorter one, intervals included', () => {
    fc.assert(
      fc.property(anySeries, fc.integer({ min: 1, max: 27 }), (series, horizon) => {
        const { steps } = forecastSeries(series, { ...AUTO, horizon });
        expect(forecastSeries(series, { ...AUTO, horizon: 28 }).steps.slice(0, horizon)).toEqual(steps);
      }),
      { numRuns: 20 },
    );
  });

  it('an invalid series, horizon or level throws', () => {
    const series = days(30, weekly);
    expect(() => forecastSeries(series.with(3, Number.NaN), AUTO)).toThrow(/Units of day 4 are NaN/);
    expect(() => forecastSeries(series.with(3, -1), AUTO)).toThrow(/Units of day 4 are -1/);
    expect(() => forecastSeries(series, { ...AUTO, horizon: 29 })).toThrow(/1 to 28 days/);
    expect(() => forecastSeries(series, { ...AUTO, levels: [100] })).toThrow(/below 100/);
  });
});
