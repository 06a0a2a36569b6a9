import { Metrics as PowertoolsMetrics } from '@aws-lambda-powertools/metrics';
import * as z from 'zod';
import { readSettings } from '../settings.ts';
import {
  dimensionsOf,
  type MetricDefinition,
  type MetricLabel,
  type MetricName,
  metricTable,
} from './metric-table.ts';

export type MetricValues = Readonly<Partial<Record<MetricName, number>>>;
export type MetricLabels = Readonly<Partial<Record<Exclude<MetricLabel, 'service'>, string>>>;

/** Where a process reports its metrics. */
export interface Metrics {
  /** Reports values of one moment, with the labels that the table requires of them. */
  record(values: MetricValues, labels?: MetricLabels): void;
}

const definitions = new Map<string, MetricDefinition>(Object.entries(metricTable));

const metricsSettings = z.object({
  /** CloudWatch files the metrics under it. Without one nothing is reported. */
  POWERTOOLS_METRICS_NAMESPACE: z.string().min(1).optional(),
});

/**
 * Prints metrics on stdout in CloudWatch's embedded metric format, one line per `record`: Lambda turns them into metrics without
 * a call, and the local host reads them as well. They aren't log lines, so the log level doesn't suppress them.
 *
 * @param service The function's name.
 * @example
 * createMetrics('sales').record({ http_request_duration: 0.012 }, { route: 'GET /sales/recent', status: '200' });
 */
export function createMetrics(service: string): Metrics {
  const { POWERTOOLS_METRICS_NAMESPACE: namespace } = readSettings(metricsSettings);
  if (namespace === undefined) return { record: () => {} };
  const metrics = new PowertoolsMetrics({ namespace, serviceName: service });
  return {
    record(values, labels = {}) {
      const dimensions = new Set<string>();
      for (const [name, value] of Object.entries(values)) {
        const definition = definitions.get(name);
        if (!definition) continue;
        metrics.addMetric(name, definition.unit, value);
        for (const dimension of dimensionsOf(definition)) dimensions.add(dimension);
      }
      for (const [name, value] of Object.entries(labels)) {
        if (dimensions.has(name)) metrics.addDimension(name, value);
        else metrics.addMetadata(name, value);
      }
      metrics.publishStoredMetrics();
    },
  };
}
