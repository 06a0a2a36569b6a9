import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { solveSymmetric } from '../../../../../shared/forecast/numerics.ts';

const numbers = (count: number) =>
  fc.array(fc.double({ min: -10, max: 10, noNaN: true }), { minLength: count, maxLength: count });
const dot = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Array.from(a).reduce((sum, value, index) => sum + value * Number(b[index]), 0);

describe('solveSymmetric', () => {
  it('the solution of A·x = b gives b when multiplied by A', () => {
    fc.assert(
      fc.property(fc.array(numbers(4), { minLength: 4, maxLength: 4 }), numbers(4), (rows, right) => {
        // B·Bᵀ + I is positive definite.
        const matrix = rows.map((row, i) =>
          Float64Array.from(rows, (other, j) => dot(row, other) + (i === j ? 1 : 0)),
        );
        const x = solveSymmetric(matrix, Float64Array.from(right));
        matrix.forEach((row, i) => {
          expect(dot(row, x)).toBeCloseTo(Number(right[i]), 6);
        });
      }),
    );
  });

  it('a row that others explain gets 0 instead of a number that rounding made', () => {
    const matrix = [Float64Array.of(4, 2), Float64Array.of(2, 1)];
    expect([...solveSymmetric(matrix, Float64Array.of(8, 4))]).toEqual([2, 0]);
    expect([...solveSymmetric([Float64Array.of(0)], Float64Array.of(0))]).toEqual([0]);
  });
});
