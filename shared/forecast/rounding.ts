/**
 * The two ways in which answers are rounded. They differ where a value lies on the half, or seems to: 1.115 is a
 * little less than 1.115 in binary, but times 100 it is 111.5.
 */

import { roundHalfEven } from './tpe/round-half-even.ts';

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
