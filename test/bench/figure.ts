/** What a bench measures: a figure has a unit, one number for its many samples, and where it must hold a goal, the goal. */

/** The bound that a figure must hold. */
export type Goal = { readonly below: number } | { readonly atMost: number } | { readonly atLeast: number };

/** How the samples of all rounds become one number. */
export type Statistic = 'median' | 'p99' | 'max';

export interface Figure {
  /** What is measured, as the table says it. */
  readonly what: string;
  readonly unit: string;
  /** `median` unless told otherwise. */
  readonly statistic?: Statistic;
  /** Without one the figure explains others. */
  readonly goal?: Goal;
}

/** A measured figure. */
export interface Measured {
  readonly value: number;
  readonly least: number;
  readonly greatest: number;
  readonly samples: number;
}

/** @throws RangeError without samples: a figure that was not measured must not pass for one. */
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
 * The least sample that at least the given share of all is not above (nearest rank), so that a percentile is always one
 * that was measured.
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
