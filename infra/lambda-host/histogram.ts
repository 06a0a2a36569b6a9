import type { Sample } from '../../shared/observability/prometheus-text.ts';

/** How many values were at most as great as each of some bounds. */
export interface Histogram {
  add(value: number): void;
  /** As Prometheus wants them: `_bucket` by bound, cumulative, then `_sum` and `_count`. */
  samples(labels: Readonly<Record<string, string>>): Sample[];
}

/** Seconds; the bounds that Prometheus' own libraries have. */
const BOUNDS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, Number.POSITIVE_INFINITY];

export function createHistogram(): Histogram {
  const counts = BOUNDS.map(() => 0);
  let sum = 0;
  let count = 0;
  return {
    add(value) {
      for (const [index, bound] of BOUNDS.entries())
        if (value <= bound) counts[index] = (counts[index] ?? 0) + 1;
      sum += value;
      count += 1;
    },
    samples: (labels) => [
      ...BOUNDS.map((bound, index): Sample => {
        const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound);
        return { suffix: '_bucket', labels: { ...labels, le }, value: counts[index] ?? 0 };
      }),
      { suffix: '_sum', labels, value: sum },
      { suffix: '_count', labels, value: count },
    ],
  };
}
