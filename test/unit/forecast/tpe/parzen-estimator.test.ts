import { describe, expect, it } from 'vitest';
import {
  bandwidths,
  logProbability,
  observationWeights,
  parzenEstimators,
} from '../../../../shared/forecast/tpe/parzen-estimator.ts';

describe('observationWeights', () => {
  it('counts every observation alike up to 25', () => {
    expect(observationWeights(1)).toEqual([1]);
    expect(observationWeights(25)).toEqual(new Array(25).fill(1));
  });

  it('lets the oldest fade by a ramp from 1/count to 1 beyond', () => {
    expect(observationWeights(26).slice(0, 2)).toEqual([1 / 26, 1]);
    expect(observationWeights(27).slice(0, 3)).toEqual([1 / 27, 1, 1]);
    const [a, b, c, d] = observationWeights(28);
    expect([a, b, c, d]).toEqual([1 / 28, expect.closeTo((1 + 1 / 28) / 2, 15), 1, 1]);
  });
});

describe('bandwidths', () => {
  const range = { low: 1, high: 9 };

  it('takes the larger gap to a neighbour, at the outside the inner one, clipped to the range', () => {
    // Row 1, 2, prior 5, 9; at the least 9/(1 + 4).
    expect(bandwidths([2, 1, 9, 5], range)).toEqual([3, 1.8, 4, 9]);
  });

  it('gives the prior the whole range, also where it is alone', () => {
    expect(bandwidths([5], range)).toEqual([9]);
  });
});

describe('logProbability', () => {
  it('is a distribution over the integers of the range, highest where the observations are', () => {
    const range = { low: 0, high: 20 };
    const logP = logProbability(parzenEstimators(range)([4, 4, 5, 18]));
    const masses = Array.from({ length: 21 }, (_, x) => Math.exp(logP(x)));
    expect(masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 9);
    expect(masses.indexOf(Math.max(...masses))).toBe(4);
  });
});
