import { roundHalfEven } from './round-half-even.ts';

/** The integers from `low` to `high`, both included. */
export interface IntegerRange {
  readonly low: number;
  readonly high: number;
}

/** The integer of the range nearest to x; the half goes to the even distance from `low`. */
export function discretise(x: number, { low, high }: IntegerRange): number {
  return Math.min(Math.max(low + roundHalfEven(x - low), low), high);
}
