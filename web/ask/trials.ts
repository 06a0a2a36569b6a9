import type { DemandOptimization } from './answers.ts';

type Trial = DemandOptimization['optimization']['all_trials'][number];

/** A trial with its place among all: 1 for the best, equals in the order in which they were made. */
export interface RankedTrial extends Trial {
  readonly rank: number;
}

/** In the order in which they were made. */
export function rankedTrials(trials: readonly Trial[]): RankedTrial[] {
  const order = [...trials].sort((one, other) => one.rmse - other.rmse);
  const ranks = new Map(order.map(({ trial }, index) => [trial, index + 1]));
  return trials.map((each) => ({ ...each, rank: ranks.get(each.trial) ?? trials.length }));
}

/** The least error up to each trial. */
export function bestSoFar(trials: readonly { readonly rmse: number }[]): number[] {
  let best = Number.POSITIVE_INFINITY;
  return trials.map(({ rmse }) => {
    best = Math.min(best, rmse);
    return best;
  });
}
