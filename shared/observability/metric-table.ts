/**
 * Every metric that a process reports, by its name in CloudWatch. Prometheus calls it `retail_<name>` with the suffix of its
 * kind: `_seconds` or `_total`.
 */
export const metricTable = {
  http_request_duration: {
    kind: 'histogram',
    unit: 'Seconds',
    labels: ['service', 'route', 'status'],
    help: 'Time to answer a request; of a stream, to begin it.',
  },
  http_server_errors: {
    kind: 'counter',
    unit: 'Count',
    labels: ['service', 'route'],
    help: 'Requests answered by a 5xx.',
  },
  live_viewers: {
    kind: 'gauge',
    unit: 'Count',
    labels: ['service'],
    help: 'Viewers of the live stream.',
  },
  mysql_connections_opened: {
    kind: 'counter',
    unit: 'Count',
    labels: ['service'],
    help: 'Connections opened to MySQL.',
  },
  mysql_connection_waits: {
    kind: 'counter',
    unit: 'Count',
    labels: ['service'],
    help: 'Times that all connections to MySQL were in use.',
  },
} as const satisfies Record<string, MetricDefinition>;

export type MetricName = keyof typeof metricTable;
export type MetricLabel = 'service' | 'route' | 'status';

export interface MetricDefinition {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** A unit of CloudWatch. */
  readonly unit: 'Count' | 'Seconds';
  readonly labels: readonly MetricLabel[];
  readonly help: string;
}

/** The labels that are also CloudWatch dimensions. Each distinct value is billed, so the status isn't among them. */
export function dimensionsOf({ labels }: MetricDefinition): MetricLabel[] {
  return labels.filter((label) => label !== 'status');
}
