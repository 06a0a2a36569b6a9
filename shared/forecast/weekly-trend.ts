/** The trend that answers report: the last week against the week before it. */

import { lastMean } from './moving-average.ts';

const WEEK = 7;
/** Per cent beyond which demand counts as rising or falling. */
const NOTABLE = 2;
/** Keeps a week without any sale from dividing by zero; part of the contract's formula. */
const TINY = 1e-9;

export type Trend = 'up' | 'down' | 'stable';

/** Change in per cent, unrounded; null with less than two weeks. */
export function weeklyTrendPct(units: readonly number[]): number | null {
  if (units.length < 2 * WEEK) return null;
  const recent = lastMean(units, WEEK);
  const before = lastMean(units.slice(0, -WEEK), WEEK);
  return ((recent - before) / (before + TINY)) * 100;
}

/** @param pct as the answer shows it, rounded: 2.04 is shown as 2.0, and that is stable */
export function trendOf(pct: number): Trend {
  if (pct > NOTABLE) return 'up';
  return pct < -NOTABLE ? 'down' : 'stable';
}
