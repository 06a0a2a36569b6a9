import { Counter, Gauge, Histogram, Registry } from 'prom-client';
import * as z from 'zod';

/**
 * Does for Prometheus what CloudWatch does on AWS: collects the metrics that functions print in the embedded metric format.
 * https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/CloudWatch_Embedded_Metric_Format_Specification.html
 */

/** A metric that functions may print. Prometheus appends `_total` to counters and `_seconds` to histograms. */
export interface PrintedMetric {
  readonly kind: 'counter' | 'gauge' | 'histogram';
  /** Properties of the printed line that become labels; a missing one is empty. */
  readonly labels: readonly string[];
  readonly help: string;
}

export interface MetricsOptions {
  /** What every name starts with: `shop_`. */
  readonly prefix: string;
  readonly definitions: Readonly<Record<string, PrintedMetric>>;
  /** The response that the collected metrics are appended to: a function's own metrics in the same text format. */
  readonly page: { readonly routeKey: string; readonly contentType: string };
}

/** The metrics of all worker threads of this host. */
export interface ProcessMetrics {
  /** Starts to collect from one thread. */
  listen(): ProcessListener;
  /** Everything collected, in the Prometheus text format. Metrics without a value are left out. */
  text(): Promise<string>;
}

export interface ProcessListener {
  /** Reads a line that the thread printed. Returns false if it isn't a line of known metrics. */
  take(line: string): boolean;
  /** The thread has ended: its gauges no longer count, its counters and histograms do. */
  ended(): void;
}

interface Value {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

const NO_METRICS = { prefix: '', definitions: {} };
const METRICS_LINE = '{"_aws":';
const metricsLine = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(z.object({ Metrics: z.array(z.object({ Name: z.string() })) })),
  }),
});
const label = z.string().catch('');
const measured = z.number();

/**
 * @example
 * const metrics = createProcessMetrics({ prefix: 'shop_', definitions: { orders: { kind: 'counter', labels: ['service'], help: 'Orders.' } } });
 * const listener = metrics.listen();
 * listener.take('{"_aws":{"CloudWatchMetrics":[{"Metrics":[{"Name":"orders"}]}]},"service":"shop","orders":2}');
 * await metrics.text(); // … shop_orders_total{service="shop"} 2
 */
export function createProcessMetrics({
  prefix,
  definitions,
}: Pick<MetricsOptions, 'prefix' | 'definitions'> = NO_METRICS): ProcessMetrics {
  const registry = new Registry();
  const known = new Map(Object.entries(definitions));
  const collectors = new Map<string, (value: Value, own: Map<string, () => void>) => void>();

  /** Created by its first value, because prom-client also prints a metric that has none. */
  function collectorOf(name: string) {
    const collector = collectors.get(name) ?? createCollector(name);
    if (collector) collectors.set(name, collector);
    return collector;
  }

  function createCollector(metric: string) {
    const definition = known.get(metric);
    if (!definition) return undefined;
    const { kind, help, labels: labelNames } = definition;
    const name = `${prefix}${metric}${ENDINGS[kind]}`;
    const config = { name, help, labelNames: [...labelNames], registers: [registry] };
    if (kind === 'counter') {
      const counter = new Counter(config);
      return ({ labels, value }: Value) => counter.inc(labels, value);
    }
    if (kind === 'histogram') {
      const histogram = new Histogram(config);
      return ({ labels, value }: Value) => histogram.observe(labels, value);
    }
    const gauge = new Gauge(config);
    // Several threads have a value each, and the gauge is their sum.
    return ({ labels, value }: Value, own: Map<string, () => void>) => {
      const key = `${name} ${JSON.stringify(labels)}`;
      own.get(key)?.();
      gauge.inc(labels, value);
      own.set(key, () => gauge.dec(labels, value));
    };
  }

  return {
    listen() {
      const own = new Map<string, () => void>();
      return {
        take(line) {
          const values = readValues(line, known);
          for (const value of values ?? []) collectorOf(value.name)?.(value, own);
          return values !== null;
        },
        ended() {
          for (const withdraw of own.values()) withdraw();
          own.clear();
        },
      };
    },
    text: async () => (collectors.size === 0 ? '' : registry.metrics()),
  };
}

const ENDINGS = { counter: '_total', gauge: '', histogram: '_seconds' } as const;

/** The values on a line; null if it is another line, or one that can't be collected. */
function readValues(line: string, known: ReadonlyMap<string, PrintedMetric>): Value[] | null {
  if (!line.startsWith(METRICS_LINE)) return null;
  const { data } = metricsLine.safeParse(parseJson(line));
  if (!data) return null;
  const names = data._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
  const values = names.map((name) => readValue(name, known.get(name), data));
  return values.every((value) => value !== null) ? values : null;
}

function readValue(
  name: string,
  definition: PrintedMetric | undefined,
  line: Readonly<Record<string, unknown>>,
): Value | null {
  const { data: value } = measured.safeParse(line[name]);
  if (!definition || value === undefined || (definition.kind === 'counter' && value < 0)) return null;
  const labels = definition.labels.map((each) => [each, label.parse(line[each])]);
  return { name, value, labels: Object.fromEntries(labels) };
}

function parseJson(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}
