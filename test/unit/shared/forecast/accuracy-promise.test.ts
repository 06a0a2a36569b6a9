import { describe, expect, it } from 'vitest';
import { backtest } from '../../../../shared/forecast/backtest/backtest.ts';
import { generatedSeries } from '../../../support/generated-series.ts';
import { type OutOfSample, outOfSample } from '../../../support/out-of-sample.ts';

/** The promises of docs/forecasting.md, on two stores of a seed on which no setting was chosen. */
describe('forecasts of the last twelve weeks', () => {
  const results = generatedSeries(2)
    .slice(0, 40)
    .map((series) => outOfSample(backtest(series), [0.8, 0.95]));
  const of = (model: OutOfSample['model']) =>
    results.flatMap((rows) => rows.filter((row) => row.model === model));
  const rmsse = (model: OutOfSample['model']) => of(model).map(({ accuracy }) => Number(accuracy.rmsse));
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;

  it('the automatic choice is at least 10 % more accurate than the tuned moving average', () => {
    expect(mean(rmsse('auto')) / mean(rmsse('moving_average'))).toBeLessThan(0.9);
  });

  it('the automatic choice is never more than 2 % less accurate than seasonal naive', () => {
    const baseline = rmsse('seasonal_naive');
    const worst = Math.max(...rmsse('auto').map((error, pair) => error / Number(baseline[pair])));
    expect(worst).toBeLessThan(1.02);
  });

  it.each([0.8, 0.95])(
    'the %f interval holds the actual value as often as it claims, within 3 points',
    (level) => {
      const index = level === 0.8 ? 0 : 1;
      const share = mean(of('auto').map(({ coverage }) => Number(coverage[index])));
      expect(Math.abs(share - level)).toBeLessThan(0.03);
    },
  );
});
