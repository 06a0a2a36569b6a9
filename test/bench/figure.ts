/** What a bench measures: a figure has a unit, one number for its many samples, and optionally a goal. */

/** The bound a figure must meet. */
export type Goal = { readonly below: number } | { readonly atMost: number } | { readonly atLeast: number };

/** How the samples of all rounds are reduced to one number. */
export type Statistic = 'median' | 'p99' | 'max';

export interface Figure {
  /** What is measured, as shown in the table. */
  readonly what: string;
  readonly unit: string;
  /** Default: `median`. */
  readonly statistic?: Statistic;
  /** A figure without a goal explains others. */
  readonly goal?: Goal;
  /** Left out where what it needs is missing, such as a peer. */
  readonly optional?: true;
}

/** A measured figure. */
export interface Measured {
  readonly value: number;
  readonly least: number;
  readonly greatest: number;
  readonly samples: number;
}

/** @throws RangeError without samples. */
export function measured(samples: readonly number[], statistic: Statistic = 'median'): Measured {
  const ascending = samples.toSorted((a, b) => a - b);
  const value = quantile(ascending, { median: 0.5, p99: 0.99, max: 1 }[statistic]);
  return {
    value,
    least: quantile(ascending, 0),
    greatest: quantile(ascending, 1),
    samples: ascending.length,
  };
}

/**
 * The smallest sample that at least the given share of samples doesn't exceed (nearest rank), so that a percentile is always
 * a measured sample.
 */
export function quantile(ascending: readonly number[], share: number): number {
  const rank = Math.max(1, Math.ceil(share * ascending.length));
  const value = ascending[rank - 1];
  if (value === undefined) throw new RangeError('There are no samples.');
  return value;
}

export function isHeld(goal: Goal, value: number): boolean {
  if ('below' in goal) return value < goal.below;
  return 'atMost' in goal ? value <= goal.atMost : value >= goal.atLeast;
}

/** `< 300`, `≤ 3`, `≥ 50`. */
export function goalText(goal: Goal): string {
  if ('below' in goal) return `< ${goal.below}`;
  return 'atMost' in goal ? `≤ ${goal.atMost}` : `≥ ${goal.atLeast}`;
}
