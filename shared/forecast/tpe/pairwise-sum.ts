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
