import { parser } from '@prometheus-io/lezer-promql';

/** The series and labels a PromQL query uses. */
export interface PromqlUse {
  /** Names of series. */
  readonly metrics: readonly string[];
  /** Labels it selects or groups by. */
  readonly labels: readonly string[];
}

/** Parses a query by Prometheus's own grammar. @throws Error if it is invalid. */
export function readPromql(query: string): PromqlUse {
  const metrics: string[] = [];
  const labels: string[] = [];
  parser.parse(query).iterate({
    enter: ({ type, from, to, node }) => {
      const text = query.slice(from, to);
      if (type.isError) throw new Error(`This query can't be read at ${from}: ${query}`);
      if (type.name === 'Identifier' && node.parent?.name === 'VectorSelector') metrics.push(text);
      if (type.name === 'LabelName') labels.push(text);
    },
  });
  return { metrics, labels };
}
