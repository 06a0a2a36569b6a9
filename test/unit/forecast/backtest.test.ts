import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { accuracy } from '../../../shared/forecast/backtest/accuracy.ts';
import { backtest, bestModel } from '../../../shared/forecast/backtest/backtest.ts';
import {
  conformalQuantile,
  conformalRadii,
  coverage,
  intervalHits,
} from '../../../shared/forecast/backtest/conformal.ts';
import { backtestOrigins, rollForward } from '../../../shared/forecast/backtest/rolling-origin.ts';
import { MODEL_NAMES, MODELS } from '../../../shared/forecast/models/models.ts';
import { outOfSample } from '../../support/out-of-sample.ts';

describe('backtestOrigins', () => {
  it('origins are a week apart, go back a year at most and leave a whole week after the last', () => {
    const origins = backtestOrigins(731);
    expect(origins).toHaveLength(52);
    expect(origins.at(-1)).toBe(724);
    expect(new Set(origins.slice(1).map((origin, i) => origin - Number(origins[i])))).toEqual(new Set([7]));
  });

  it('a shorter series has its origins closer together, and at least 12 from 46 days on', () => {
    fc.assert(
      fc.property(fc.integer({ min: 46, max: 800 }), (days) => {
        const origins = backtestOrigins(days);
        expect(origins.length).toBeGreaterThanOrEqual(12);
        expect(Number(origins[0])).toBeGreaterThanOrEqual(28);
        expect(origins.at(-1)).toBe(days - 7);
      }),
    );
  });

  it('the shortest series has an origin on every day after its training days', () => {
    expect(backtestOrigins(20)).toEqual([14, 15, 16, 17, 18, 19]);
    expect(backtestOrigins(14)).toEqual([]);
  });
});

describe('rollForward', () => {
  it.each(MODEL_NAMES)('%s never looks beyond the origin', (name) => {
    const series = Array.from({ length: 90 }, (_, day) => 30 + ((day * 7919) % 41));
    const changed = series.map((value, day) => (day < 60 ? value : 500 - value));
    const origins = [40, 50, 60];
    expect(rollForward(changed, MODELS[name], origins)).toEqual(rollForward(series, MODELS[name], origins));
  });
});

describe('accuracy', () => {
  // Before the first origin: as yesterday is off by 10, as a week ago by 0.
  const known = [10, 20, 10, 20, 10, 20, 10, 20, 10, 20, 10, 20, 10, 20];
  const measured = (actual: number[], forecast: number[]) =>
    accuracy([...known, ...actual], [14], [forecast]);

  it('accuracy measures errors on the scale of the days before the first origin', () => {
    const result = measured([10, 30, 0], [20, 30, 0]);
    expect(result.rmse).toBeCloseTo(Math.sqrt(100 / 3), 12);
    expect(result.rmsse).toBeCloseTo(Math.sqrt(1 / 3), 12);
    expect(result.mase).toBeCloseTo(10 / 3 / 10, 12);
    expect(result.smape).toBeCloseTo((200 * (10 / 30)) / 3, 12);
    expect(result.bias).toBeCloseTo(10 / 3, 12);
  });

  it('accuracy has no scaled error where the days before never moved, and no value without windows', () => {
    const flat = new Array<number>(14).fill(5);
    expect(accuracy([...flat, 9], [14], [[5]])).toMatchObject({ rmse: 4, rmsse: null, mase: null });
    expect(accuracy([...flat, 5], [14], [[5]])).toMatchObject({ rmse: 0, rmsse: 0, mase: 0 });
    expect(accuracy(flat, [], [])).toEqual({ rmse: null, rmsse: null, mase: null, smape: null, bias: null });
  });
});

describe('conformal intervals', () => {
  it('a conformal quantile is the ⌈(m + 1)·level⌉-th of m errors', () => {
    const errors = Array.from({ length: 19 }, (_, i) => i + 1);
    expect(conformalQuantile(errors, 0.95)).toBe(19);
    expect(conformalQuantile(errors, 0.8)).toBe(16);
    expect(conformalQuantile(errors.slice(1), 0.95)).toBeNull();
    expect(conformalQuantile([], 0.5)).toBeNull();
  });

  it('a step with too few errors borrows those of all steps', () => {
    const series = [...new Array<number>(14).fill(0), 1, 2, 3];
    const zeros = [new Array<number>(28).fill(0), new Array<number>(28).fill(0)];
    expect(conformalRadii(series, [14, 15], zeros)(0.5).slice(0, 3)).toEqual([2, 2, 2]);
  });

  it('interval hits are checked with radii from windows that had ended by the origin', () => {
    // One step ahead the error is 0 up to the ninth window and 5 from the tenth.
    const series = Array.from({ length: 40 }, (_, day) => (day < 23 ? 10 : 15));
    const origins = Array.from({ length: 26 }, (_, i) => 14 + i);
    const hits = intervalHits(
      series,
      origins,
      origins.map(() => new Array<number>(28).fill(10)),
      0.8,
    );
    const firstStep = hits.map(([hit]) => hit);
    expect(firstStep.slice(0, 4)).toEqual([null, null, null, null]);
    expect(firstStep.slice(4, 12)).toEqual([true, true, true, true, true, false, false, true]);
    expect(hits[4]?.[1]).toBeNull();
    expect(hits[5]?.[1]).toBe(true);
    expect(coverage(hits.slice(0, 9))).toBeLessThan(1);
    expect(coverage([[null]])).toBeNull();
  });
});

describe('bestModel', () => {
  const of = (...errors: (number | null)[]) =>
    errors.map((rmse, index) => ({
      model: MODEL_NAMES[index] ?? 'auto',
      accuracy: { rmse, rmsse: rmse, mase: null, smape: null, bias: null },
    })) as Parameters<typeof bestModel>[0];

  it('the best model has the lowest error and is the simplest of equals', () => {
    expect(bestModel(of(3, 1, 2))).toBe('moving_average');
    expect(bestModel(of(3, 1, 1))).toBe('moving_average');
    expect(bestModel(of(0, 0, 0))).toBe('seasonal_naive');
    expect(bestModel(of(1, 1 - 1e-9))).toBe('seasonal_naive');
  });

  it('the best model is the baseline where nothing is known', () => {
    expect(bestModel(of(null, null))).toBe('seasonal_naive');
  });
});

describe('outOfSample', () => {
  it('the automatic choice uses windows that had ended, not those it is judged on', () => {
    const series = new Array<number>(731).fill(100);
    const origins = backtestOrigins(731);
    const always = (units: number) => new Array<number>(28).fill(units);
    // Perfect for 40 weeks, then wrong; and one that is always a little wrong.
    const failing = origins.map((_, window) => always(window < 40 ? 100 : 130));
    const steady = origins.map(() => always(105));
    const past = {
      series,
      origins,
      models: [
        { model: 'theta' as const, forecasts: failing, accuracy: accuracy(series, origins, failing) },
        { model: 'tsb' as const, forecasts: steady, accuracy: accuracy(series, origins, steady) },
      ],
    };
    expect(bestModel(past.models)).toBe('tsb');
    const errors = outOfSample(past, [0.8]).map(({ model, accuracy: { rmse } }) => [model, rmse]);
    // After two bad weeks the failing model's error over its past is the larger one.
    expect(errors).toEqual([
      ['theta', 30],
      ['tsb', 5],
      ['auto', expect.closeTo(Math.sqrt((2 * 30 ** 2 + 10 * 5 ** 2) / 12), 9)],
    ]);
  });

  it('the out-of-sample table judges all models and the automatic choice', () => {
    const series = Array.from({ length: 120 }, (_, day) => 20 + 10 * (day % 7));
    expect(outOfSample(backtest(series), [0.8, 0.95]).map(({ model }) => model)).toEqual([
      ...MODEL_NAMES,
      'auto',
    ]);
  });
});
