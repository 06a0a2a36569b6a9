import { describe, expect, it } from 'vitest';
import {
  bandwidths,
  logProbability,
  observationWeights,
  parzenEstimators,
} from '../../../../../shared/forecast/tpe/parzen-estimator.ts';

describe('observationWeights', () => {
  it('up to 25 observations have equal weights', () => {
    expect(observationWeights(1)).toEqual([1]);
    expect(observationWeights(25)).toEqual(new Array(25).fill(1));
  });

  it('beyond 25 observations the oldest fade along a ramp from 1/count to 1', () => {
    expect(observationWeights(26).slice(0, 2)).toEqual([1 / 26, 1]);
    expect(observationWeights(27).slice(0, 3)).toEqual([1 / 27, 1, 1]);
    const [a, b, c, d] = observationWeights(28);
    expect([a, b, c, d]).toEqual([1 / 28, expect.closeTo((1 + 1 / 28) / 2, 15), 1, 1]);
  });
});

describe('bandwidths', () => {
  const range = { low: 1, high: 9 };

  it('a bandwidth is the larger gap to a neighbour, the inner one at the outside, clipped to the range', () => {
    // Row 1, 2, prior 5, 9; at the least 9/(1 + 4).
    expect(bandwidths([2, 1, 9, 5], range)).toEqual([3, 1.8, 4, 9]);
  });

  it('the prior’s bandwidth is the whole range even without observations', () => {
    expect(bandwidths([5], range)).toEqual([9]);
  });
});

describe('logProbability', () => {
  it('the estimator is a distribution over the integers of the range that peaks at the observations', () => {
    const range = { low: 0, high: 20 };
    const logP = logProbability(parzenEstimators(range)([4, 4, 5, 18]));
    const masses = Array.from({ length: 21 }, (_, x) => Math.exp(logP(x)));
    expect(masses.reduce((sum, mass) => sum + mass, 0)).toBeCloseTo(1, 9);
    expect(masses.indexOf(Math.max(...masses))).toBe(4);
  });
});
