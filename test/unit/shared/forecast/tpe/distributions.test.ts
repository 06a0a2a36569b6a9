import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { pairwiseSum } from '../../../../../shared/forecast/numerics.ts';
import { exp, log } from '../../../../../shared/forecast/tpe/exp-log.ts';
import { mersenneTwister } from '../../../../../shared/forecast/tpe/mt19937.ts';
import { logAddExp, logCdf, logMass } from '../../../../../shared/forecast/tpe/normal.ts';
import {
  discretise,
  type IntegerRange,
  truncatedNormal,
  truncatedNormals,
} from '../../../../../shared/forecast/tpe/truncated-normal.ts';

describe('mersenneTwister', () => {
  it('the Mersenne Twister draws the doubles of numpy.random.RandomState(seed)', () => {
    const uniform = mersenneTwister(42);
    expect([uniform(), uniform(), uniform()]).toEqual([
      0.3745401188473625, 0.9507143064099162, 0.7319939418114051,
    ]);
    for (let i = 0; i < 999; i++) uniform();
    expect(uniform()).toBe(0.8729458358764083);
    expect(mersenneTwister(4294967295)()).toBe(0.0976320289940138);
  });
});

describe('exp and log', () => {
  it('exp and log return the double nearest to the true value (from 40 digits)', () => {
    expect([-1e-3, -0.5, -20.25, 0.7].map(exp)).toEqual([
      0.999000499833375, 0.6065306597126334, 1.6052280551856116e-9, 2.0137527074704766,
    ]);
    expect([0.999, 0.3, 1e-80, 5e-5].map(log)).toEqual([
      -0.0010005003335835344, -1.2039728043259361, -184.20680743952366, -9.903487552536127,
    ]);
  });

  it('exp and log stay within one unit in the last place of the built-in functions', () => {
    const near = (a: number, b: number) => Math.abs(a - b) <= Math.abs(b) * 2 ** -51;
    const exponent = fc.double({ min: -745, max: 709, noNaN: true });
    fc.assert(fc.property(exponent, (x) => near(exp(x), Math.exp(x))));
    fc.assert(fc.property(fc.double({ min: 1e-300, max: 1, noNaN: true }), (x) => near(log(x), Math.log(x))));
  });

  it('exp and log return the limits at zero and infinity', () => {
    expect([exp(0), exp(-1e4), exp(Number.NEGATIVE_INFINITY)]).toEqual([1, 0, 0]);
    expect([log(1), log(0)]).toEqual([0, Number.NEGATIVE_INFINITY]);
  });
});

describe('the normal distribution', () => {
  it('log Φ is accurate to the last digits in the middle, the tail and the far tail', () => {
    expect([-30, -25, -20, -19.9, -7, -1, 0, 2, 6.5].map(logCdf)).toEqual([
      -454.32124395634315,
      -316.6394080080202,
      -203.91715537109727,
      -201.9171677073326,
      -27.384307498811076,
      -1.8410216450092634,
      -Math.LN2,
      -0.02301290932896349,
      -4.016000583859125e-11,
    ]);
  });

  it('the log of a normal mass is accurate on either side of zero and across it', () => {
    const intervals = [
      [-40, -39],
      [-3, -1],
      [-0.5, 0.25],
      [2, 3],
      [39, 40],
    ] as const;
    expect(intervals.map(([a, b]) => logMass(a, b))).toEqual([
      -765.0831565643776, -1.8495664205476083, -1.2372925013224503, -3.8443534263342047, -765.0831565643776,
    ]);
  });

  it('logAddExp adds in logarithms without overflow', () => {
    expect(logAddExp(-1000, -1000)).toBeCloseTo(-1000 + Math.LN2, 12);
    expect(logAddExp(0, -1000)).toBe(0);
  });
});

describe('pairwiseSum', () => {
  it('pairwiseSum adds in numpy’s order: eight lanes, halves beyond 128', () => {
    const row = Array.from({ length: 300 }, (_, i) => 1 / (i + 1));
    // np.sum(1 / np.arange(1, n + 1))
    expect(pairwiseSum(row.slice(0, 7))).toBe(2.5928571428571425);
    expect(pairwiseSum(row.slice(0, 100))).toBe(5.187377517639621);
    expect(pairwiseSum(row)).toBe(6.282663880299504);
  });
});

const kernels = fc
  .tuple(
    fc.integer({ min: -50, max: 50 }),
    fc.integer({ min: 1, max: 120 }),
    fc.nat(),
    fc.double({ min: 0, max: 1, noNaN: true }),
  )
  .map(([low, width, at, spread]) => ({
    range: { low, high: low + width },
    mean: low + (at % (2 * width + 1)) / 2,
    sigma: (width + 1) * (0.01 + 0.99 * spread),
  }));

describe('truncatedNormal', () => {
  it('a truncated normal draws what all 100 steps of the bisection draw', () => {
    const quantile = fc.double({ min: 0, max: 1, noNaN: true, maxExcluded: true });
    fc.assert(
      fc.property(kernels, quantile, ({ range, mean, sigma }, q) => {
        expect(truncatedNormal(mean, sigma, range).sample(q)).toBe(bisected(q, mean, sigma, range));
      }),
      { numRuns: 3000 },
    );
  });

  it('a truncated normal draws as the bisection does where the quantile falls on the edge of two integers', () => {
    fc.assert(
      fc.property(
        kernels,
        fc.nat(),
        fc.integer({ min: -2, max: 2 }),
        ({ range, mean, sigma }, cell, ulps) => {
          const edge = range.low + (cell % (range.high - range.low)) + 0.5;
          const q = onEdge(edge, mean, sigma, range) * (1 + ulps * Number.EPSILON);
          if (q >= 1) return;
          expect(truncatedNormal(mean, sigma, range).sample(q)).toBe(bisected(q, mean, sigma, range));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('a truncated normal spreads a probability of 1 over the integers of its range', () => {
    fc.assert(
      fc.property(kernels, ({ range, mean, sigma }) => {
        const kernel = truncatedNormal(mean, sigma, range);
        let total = 0;
        for (let x = range.low; x <= range.high; x++) total += Math.exp(kernel.logProbability(x));
        expect(total).toBeCloseTo(1, 9);
      }),
      { numRuns: 200 },
    );
  });
});

describe('truncatedNormals', () => {
  it('studies of the same ranges share their kernels and studies of other ranges do not', () => {
    const range = { low: 3, high: 30 };
    const kernel = truncatedNormals(range)(7, 2);
    expect(truncatedNormals(range)(7, 2)).toBe(kernel);
    expect(truncatedNormals({ low: 3, high: 31 })(7, 2)).not.toBe(kernel);
  });

  it('a range keeps at most two thousand kernels', () => {
    const kernelAt = truncatedNormals({ low: 3, high: 30 });
    const first = kernelAt(7, 2);
    for (let others = 1; others < 2_000; others++) kernelAt(8, 1 + others / 100);
    expect(kernelAt(7, 2)).toBe(first);
    kernelAt(9, 2);
    expect(kernelAt(7, 2)).not.toBe(first);
  });
});

/** The share of the truncated normal that lies below `edge`. */
function onEdge(edge: number, mean: number, sigma: number, { low, high }: IntegerRange): number {
  const standardised = (x: number) => (x - mean) / sigma;
  const a = standardised(low - 0.5);
  return Math.exp(logMass(a, standardised(edge)) - logMass(a, standardised(high + 0.5)));
}

/** The rule as it is written: the last of 100 midpoints, rounded. */
function bisected(q: number, mean: number, sigma: number, range: IntegerRange): number {
  const a = (range.low - 0.5 - mean) / sigma;
  if (q === 0) return discretise(a * sigma + mean, range);
  const target = logAddExp(logCdf(a), log(q) + logMass(a, (range.high + 0.5 - mean) / sigma));
  let [left, right, middle] = [-100, 100, 0];
  for (let step = 0; step < 100; step++) {
    middle = (left + right) / 2;
    if (logCdf(middle) < target) left = middle;
    else right = middle;
  }
  return discretise(middle * sigma + mean, range);
}
