import { describe, expect, it } from 'vitest';
import { forecastSeries } from '../../../../../shared/forecast/demand-forecast.ts';
import { type PairSeries, sumOver } from '../../../../../shared/forecast/reconciliation/hierarchy.ts';
import {
  forecastLevels,
  type LevelForecasts,
} from '../../../../../shared/forecast/reconciliation/level-forecasts.ts';
import { generatedPairs } from '../../../../support/generated-series.ts';

/** Two stores with four products each, of a seed on which no setting was chosen. */
const pairs: PairSeries[] = generatedPairs(4)
  .filter(({ storeId, productId }) => storeId <= 'S002' && productId <= 'P0004')
  .map((pair) => ({ ...pair, units: pair.units.slice(0, 300), offers: cut(pair.offers, 300) }));

function cut({ logPrices, promotions }: NonNullable<PairSeries['offers']>, days: number) {
  return { logPrices: logPrices.slice(0, days), promotions: promotions.slice(0, days) };
}

function expectAgreement({ forecasts }: LevelForecasts): void {
  const items = forecasts.filter(({ level }) => level === 'item');
  for (const one of forecasts) {
    one.path.forEach((units, step) => {
      const parts = sumOver(
        one,
        items.map(({ path }) => Number(path[step])),
      );
      expect(Math.abs(units - parts)).toBeLessThanOrEqual(1e-9 * Math.max(units, 1));
      expect(units).toBeGreaterThanOrEqual(0);
    });
  }
}

describe('forecasts of all levels', () => {
  it.each(['bottom_up', 'mint', 'auto'] as const)('the levels agree by %s', (reconciliation) => {
    const made = forecastLevels(pairs, { model: 'auto', reconciliation });
    expect(made.forecasts.map(({ level }) => level)).toEqual([
      'all',
      ...new Array(2).fill('store'),
      ...new Array(4).fill('product'),
      ...new Array(8).fill('item'),
    ]);
    expectAgreement(made);
  });

  it('bottom-up keeps the forecast that a pair has alone', () => {
    const { forecasts } = forecastLevels(pairs, { model: 'auto', reconciliation: 'bottom_up' });
    const request = { horizon: 28, levels: [80], model: 'auto' } as const;
    pairs.forEach(({ units, offers }, pair) => {
      const plan = offers === null ? undefined : { past: offers, ahead: [] };
      const alone = forecastSeries(units, request, plan);
      const made = forecasts[7 + pair];
      expect(made?.model).toBe(alone.model);
      expect(made?.path).toEqual(alone.steps.map((step) => step.units));
    });
  });

  it('the default is the method with the lower error in the backtest', () => {
    const { method, accuracy, windows } = forecastLevels(pairs, { model: 'auto', reconciliation: 'auto' });
    const errorOf = (name: string) => Number(accuracy.find((one) => one.method === name)?.mean);
    expect(windows).toBeGreaterThan(6);
    expect(method).toBe(errorOf('mint') < errorOf('bottom_up') ? 'mint' : 'bottom_up');
    for (const { levels } of accuracy)
      for (const { rmsse } of levels) expect(Number(rmsse)).toBeGreaterThan(0);
  });

  it('a product that was launched late, one that is never sold and a short history are forecast too', () => {
    const strange = pairs.map((pair, index) => {
      const sold = (day: number) => (index === 0 ? 0 : index === 1 && day < 275 ? 0 : 1);
      return { ...pair, units: pair.units.map((units, day) => units * sold(day)) };
    });
    for (const days of [20, 45, 300]) {
      const short = strange.map((pair) => ({
        ...pair,
        units: pair.units.slice(-days),
        offers: pair.offers && cut(pair.offers, days),
      }));
      for (const reconciliation of ['auto', 'mint'] as const) {
        const made = forecastLevels(short, { model: 'auto', reconciliation });
        expectAgreement(made);
        for (const { path } of made.forecasts)
          for (const units of path) expect(Number.isFinite(units)).toBe(true);
      }
    }
  });

  it('too few days are refused', () => {
    const short = pairs.map((pair) => ({ ...pair, units: pair.units.slice(0, 19), offers: null }));
    const request = { model: 'auto', reconciliation: 'auto' } as const;
    expect(() => forecastLevels(short, request)).toThrow('Need 20+ days of data, got 19.');
    expect(() => forecastLevels([], request)).toThrow('Need 20+ days of data, got 0.');
  });
});
