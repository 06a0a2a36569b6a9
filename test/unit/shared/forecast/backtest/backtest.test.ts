import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MODEL_NAMES, type ModelName } from '../../../../../shared/api/forecast-models.ts';
import { accuracy } from '../../../../../shared/forecast/backtest/accuracy.ts';
import { backtest, chooseModel } from '../../../../../shared/forecast/backtest/backtest.ts';
import { backtestOrigins, rollForward } from '../../../../../shared/forecast/backtest/rolling-origin.ts';
import { MODELS } from '../../../../../shared/forecast/models/models.ts';
import { mersenneTwister } from '../../../../../shared/forecast/tpe/mt19937.ts';
import { outOfSample } from '../../../../support/out-of-sample.ts';

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

describe('chooseModel', () => {
  const series = new Array<number>(731).fill(100);
  const origins = backtestOrigins(731);
  const rows = (errorAt: (window: number) => number) =>
    origins.map((_, window) => new Array<number>(28).fill(100 + errorAt(window)));
  const noise = mersenneTwister(4);
  const noisy = origins.map(() => 10 * (noise() - 0.5));
  const choose = (errors: Partial<Record<ModelName, (window: number) => number>>) =>
    chooseModel({
      series,
      origins,
      models: MODEL_NAMES.map((model) => {
        const forecasts = rows(errors[model] ?? ((window) => 20 + Number(noisy[window])));
        return { model, forecasts, accuracy: accuracy(series, origins, forecasts) };
      }),
    });

  it('the combination is chosen where no other model is clearly better', () => {
    expect(choose({})).toBe('combination');
    expect(choose({ theta: (window) => 19.9 + Number(noisy.at(-window)) })).toBe('combination');
  });

  it('a model that is clearly better is chosen, and the simplest of equally good ones', () => {
    const better = (window: number) => 10 + Number(noisy[window]);
    expect(choose({ theta: better })).toBe('theta');
    expect(choose({ tsb: better, theta: better })).toBe('tsb');
  });

  it('a model whose gain rests on one window is not clearly better', () => {
    expect(
      choose({
        combination: (window) => (window === 30 ? 400 : 10),
        seasonal_naive: () => 10,
      }),
    ).toBe('combination');
  });

  it('the regression is not chosen for a gain that is small and may be chance', () => {
    // One-sided p of 2.6 %: enough for a large gain, not for a tenth.
    const regression = (window: number) => (window % 2 === 0 ? 14.73 : 22.43);
    expect(choose({ combination: () => 20, regression })).toBe('combination');
  });

  it('the regression is chosen for a certain but small gain only after half a year of windows', () => {
    const models = MODEL_NAMES.map((model) => {
      const forecasts = rows((window) => (model === 'regression' ? 18 : 20) + 0.1 * Number(noisy[window]));
      return { model, forecasts, accuracy: accuracy(series, origins, forecasts) };
    });
    const chosenAfter = (windows: number) =>
      chooseModel({ series, origins: origins.slice(0, windows), models });
    expect(chosenAfter(25)).toBe('combination');
    expect(chosenAfter(26)).toBe('regression');
  });

  it('the regression is chosen early for a gain that is large', () => {
    // The same p with four fifths less error, from eight windows.
    const combination = (window: number) => (window % 2 === 0 ? 15.17 : 4.47);
    const regression = (window: number) => (window % 2 === 0 ? 4.47 : 5.48);
    const models = MODEL_NAMES.map((model) => {
      const forecasts = rows(model === 'regression' ? regression : combination);
      return { model, forecasts, accuracy: accuracy(series, origins, forecasts) };
    });
    expect(chooseModel({ series, origins: origins.slice(0, 8), models })).toBe('regression');
  });

  it('the combination is chosen where too few windows are known', () => {
    expect(
      chooseModel({
        series,
        origins: origins.slice(0, 5),
        models: MODEL_NAMES.map((model) => {
          const forecasts = rows(() => (model === 'theta' ? 0 : 5));
          return { model, forecasts, accuracy: accuracy(series, origins, forecasts) };
        }),
      }),
    ).toBe('combination');
  });
});

describe('outOfSample', () => {
  it('the automatic choice uses windows that had ended, not those it is judged on', () => {
    const series = new Array<number>(731).fill(100);
    const origins = backtestOrigins(731);
    const always = (units: number) => new Array<number>(28).fill(units);
    // Clearly better than the combination for 43 weeks, then wrong.
    const failing = origins.map((_, window) => always(window < 43 ? 101 : 130));
    const steady = origins.map((_, window) => always(105 + (window % 2)));
    const past = {
      series,
      origins,
      models: [
        { model: 'theta' as const, forecasts: failing, accuracy: accuracy(series, origins, failing) },
        { model: 'combination' as const, forecasts: steady, accuracy: accuracy(series, origins, steady) },
      ],
    };
    expect(chooseModel(past)).toBe('combination');
    const chosen = outOfSample(past, [0.8]).find(({ model }) => model === 'auto');
    // The first three judged windows still choose Theta, which fails from the fourth on.
    const squares = [1, 1, 1, 30 ** 2, ...[0, 1, 0, 1, 0, 1, 0, 1].map((odd) => (5 + odd) ** 2)];
    expect(chosen?.accuracy.rmse).toBeCloseTo(Math.sqrt(squares.reduce((a, b) => a + b, 0) / 12), 9);
  });

  it('the out-of-sample table judges all models and the automatic choice', () => {
    const series = Array.from({ length: 120 }, (_, day) => 20 + 10 * (day % 7));
    expect(outOfSample(backtest(series), [0.8, 0.95]).map(({ model }) => model)).toEqual([
      ...MODEL_NAMES,
      'auto',
    ]);
  });
});
