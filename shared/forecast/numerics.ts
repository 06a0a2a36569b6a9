/**
 * Numbers as Python and numpy compute them: two ways of rounding, and sums in numpy's order. The roundings differ where
 * a value lies on the half or seems to: 1.115 is a little less than 1.115 in binary, but times 100 it is 111.5.
 */

/**
 * The decimal with `decimals` places nearest to the exact binary value; a true half goes to the even digit. This is
 * Python's `round(x, decimals)`: `roundDecimal(1.115, 2)` is 1.11.
 *
 * @param decimals 0 … 99
 */
export function roundDecimal(x: number, decimals: number): number {
  if (!Number.isFinite(x)) return x;
  const nearest = Number(x.toFixed(decimals));
  return isHalf(x, decimals) ? evenNeighbour(x, decimals) : nearest;
}

/** Whether x lies exactly between two decimals. Such an x has few binary places, so one decimal more is exact. */
function isHalf(x: number, decimals: number): boolean {
  return Number.isInteger(x * 2 ** (decimals + 1)) && x.toFixed(decimals + 1).endsWith('5');
}

/** Of the two decimals next to a half the one with the even last digit: cut off, or away from zero. */
function evenNeighbour(x: number, decimals: number): number {
  const cut = x.toFixed(decimals + 1).slice(0, -1);
  const lastDigit = Number(cut.replace(/\.$/, '').at(-1));
  return lastDigit % 2 === 0 ? Number(cut) : Number(x.toFixed(decimals));
}

/**
 * rint(x · 10^decimals) / 10^decimals, the half to even: what numpy and pandas call `round`.
 * `roundScaled(1.115, 2)` is 1.12.
 */
export function roundScaled(x: number, decimals: number): number {
  const scale = 10 ** decimals;
  return roundHalfEven(x * scale) / scale;
}

/**
 * The nearest integer; halves go to the even neighbour.
 *
 * @example [0.5, 1.5, 2.5].map(roundHalfEven) // 0, 2, 2
 */
export function roundHalfEven(x: number): number {
  const floor = Math.floor(x);
  const fraction = x - floor;
  if (fraction !== 0.5) return fraction < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}

/** Numbers of a block that are added in eight interleaved lanes; longer rows are halved first. */
const BLOCK = 128;
const LANES = 8;

/**
 * The sum of a row in numpy's order: pairwise, over blocks of eight lanes. The rounding error grows with log n
 * instead of n (Higham, "The accuracy of floating point summation", 1993), and results agree with numpy's to the
 * last bit.
 */
export function pairwiseSum(row: ArrayLike<number>, from = 0, to = row.length): number {
  const count = to - from;
  if (count < LANES) return plainSum(row, from, to);
  if (count <= BLOCK) return laneSum(row, from, to);
  const half = (count >> 1) - ((count >> 1) % LANES);
  return pairwiseSum(row, from, from + half) + pairwiseSum(row, from + half, to);
}

function plainSum(row: ArrayLike<number>, from: number, to: number): number {
  let sum = 0;
  for (let i = from; i < to; i++) sum += Number(row[i]);
  return sum;
}

function laneSum(row: ArrayLike<number>, from: number, to: number): number {
  const end = to - ((to - from) % LANES);
  const lane = (offset: number): number => {
    let sum = Number(row[from + offset]);
    for (let i = from + offset + LANES; i < end; i += LANES) sum += Number(row[i]);
    return sum;
  };
  let sum = lane(0) + lane(1) + (lane(2) + lane(3)) + (lane(4) + lane(5) + (lane(6) + lane(7)));
  for (let i = end; i < to; i++) sum += Number(row[i]);
  return sum;
}

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
