/** Small dense linear systems. */

/** A pivot below this share of its diagonal is rounding: the matrix is singular there. */
const LEAST_PIVOT = 1e-13;

/**
 * Solves A·x = b for a symmetric positive definite A by Cholesky's factors (Golub & Van Loan, "Matrix Computations", 4th
 * ed., section 4.2). Where A is singular, x is 0.
 *
 * @param matrix rows of A; only the lower triangle is read
 */
export function solveSymmetric(matrix: readonly Float64Array[], right: Float64Array): Float64Array {
  return solveFactored(choleskyFactor(matrix), right);
}

/** The lower triangle L with L·Lᵀ = A; a row and column that others explain is left out (its diagonal is Infinity). */
export function choleskyFactor(matrix: readonly Float64Array[]): Float64Array[] {
  const factor = matrix.map(({ length }) => new Float64Array(length));
  matrix.forEach((values, i) => {
    const row = factor[i] ?? values;
    for (let j = 0; j <= i; j++) {
      const other = factor[j] ?? row;
      let sum = Number(values[j]);
      for (let k = 0; k < j; k++) sum -= Number(row[k]) * Number(other[k]);
      if (j < i) row[j] = sum / Number(other[j]);
      else row[i] = sum > LEAST_PIVOT * Number(values[i]) ? Math.sqrt(sum) : Number.POSITIVE_INFINITY;
    }
  });
  return factor;
}

/** Solves L·Lᵀ·x = b. */
export function solveFactored(factor: readonly Float64Array[], right: Float64Array): Float64Array {
  const x = right.slice();
  factor.forEach((row, i) => {
    let sum = Number(x[i]);
    for (let k = 0; k < i; k++) sum -= Number(row[k]) * Number(x[k]);
    x[i] = sum / Number(row[i]);
  });
  for (let i = factor.length - 1; i >= 0; i--) {
    let sum = Number(x[i]);
    for (let k = i + 1; k < factor.length; k++) sum -= Number(factor[k]?.[i]) * Number(x[k]);
    x[i] = sum / Number(factor[i]?.[i]);
  }
  return x;
}
