import * as z from 'zod';
import { readSettings } from '../settings.ts';
import { dimensionsOf, type MetricLabel, type MetricName, metricTable } from './metric-table.ts';

export type MetricValues = Readonly<Partial<Record<MetricName, number>>>;
export type MetricLabels = Readonly<Partial<Record<Exclude<MetricLabel, 'service'>, string>>>;

/** Where a process tells its figures. */
export interface Metrics {
  /** Values that came about together, with the labels that the table asks of them. */
  record(values: MetricValues, labels?: MetricLabels): void;
}

const metricsSettings = z.object({
  /** CloudWatch keeps figures under it. Without one nothing is told. */
  POWERTOOLS_METRICS_NAMESPACE: z.string().min(1).optional(),
});

/**
 * Tells figures on stdout, a line of CloudWatch's embedded metric format each: Lambda makes metrics of them without a call, and
 * the local host reads them as well. They are no log lines, so the log's level doesn't hold them back.
 *
 * @param service The function.
 */
export function createMetrics(service: string): Metrics {
  const { POWERTOOLS_METRICS_NAMESPACE: namespace } = readSettings(metricsSettings);
  if (namespace === undefined) return { record: () => {} };
  return {
    record(values, labels = {}) {
      const line = embeddedMetrics(namespace, Date.now(), values, { ...labels, service });
      process.stdout.write(`${JSON.stringify(line)}\n`);
    },
  };
}

/**
 * One object of the embedded metric format.
 *
 * @param timestamp Milliseconds since 1970.
 * @see https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */
function embeddedMetrics(
  namespace: string,
  timestamp: number,
  values: MetricValues,
  labels: Readonly<Partial<Record<MetricLabel, string>>>,
) {
  const names = Object.keys(values) as MetricName[];
  const directives = names.map((name) => ({
    Namespace: namespace,
    Dimensions: [dimensionsOf(name)],
    Metrics: [{ Name: name, Unit: metricTable[name].unit }],
  }));
  return { _aws: { Timestamp: timestamp, CloudWatchMetrics: directives }, ...labels, ...values };
}
