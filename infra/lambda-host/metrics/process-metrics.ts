import * as z from 'zod';
import { routeKey } from '../../../shared/api/route.ts';
import { readMetrics } from '../../../shared/api/system.ts';
import {
  type MetricDefinition,
  type MetricLabel,
  type MetricName,
  metricTable,
} from '../../../shared/observability/metric-table.ts';
import { type Family, prometheusText, type Sample } from '../../../shared/observability/prometheus-text.ts';
import type { HttpResponse } from '../gateway/http-response.ts';

/**
 * What CloudWatch does with the figures that functions tell: reads them from what their processes write, and keeps them, as
 * Prometheus wants them.
 */

/** The figures of all processes of this host. */
export interface ProcessFigures {
  /** Listens to one process. */
  listen(): ProcessListener;
  /** All of them in the Prometheus text format. */
  text(): string;
}

export interface ProcessListener {
  /** Takes a line that the process wrote; false if it holds no figures. */
  take(line: string): boolean;
  /** The process has ended: what it had at hand (gauges) is gone, what it has done (counters) stays. */
  ended(): void;
}

type Labels = Readonly<Partial<Record<MetricLabel, string>>>;

/** The values of one metric by their labels. */
type Series<Value> = Map<string, { readonly labels: Labels; value: Value }>;

const NAMES = Object.keys(metricTable) as [MetricName, ...MetricName[]];
const METRICS_LINE = '{"_aws":';
const label = z.string().optional();
const metricsLine = z.looseObject({
  _aws: z.object({
    CloudWatchMetrics: z.array(z.object({ Metrics: z.array(z.object({ Name: z.enum(NAMES) })) })),
  }),
  service: label,
  route: label,
  status: label,
});

export function createProcessFigures(): ProcessFigures {
  const counters = new Map<MetricName, Series<number>>();
  const histograms = new Map<MetricName, Series<Histogram>>();
  const gauges = new Map<ProcessListener, Map<MetricName, Series<number>>>();

  function listen(): ProcessListener {
    const own = new Map<MetricName, Series<number>>();
    const listener: ProcessListener = {
      take: (line) => {
        const values = valuesOf(line);
        for (const { name, value, labels } of values ?? []) note(own, name, value, labels);
        return values !== null;
      },
      ended: () => own.clear(),
    };
    gauges.set(listener, own);
    return listener;
  }

  function note(own: Map<MetricName, Series<number>>, name: MetricName, value: number, labels: Labels): void {
    const { kind } = metricTable[name];
    if (kind === 'histogram') entryOf(seriesOf(histograms, name), labels, createHistogram).value.add(value);
    else if (kind === 'counter') entryOf(seriesOf(counters, name), labels, zero).value += value;
    else entryOf(seriesOf(own, name), labels, zero).value = value;
  }

  function samplesOf(name: MetricName): Sample[] {
    const { kind } = metricTable[name];
    const own = kind === 'gauge' ? [...gauges.values()].map((each) => each.get(name)) : [counters.get(name)];
    if (kind !== 'histogram') return summed(own);
    const series = [...(histograms.get(name)?.values() ?? [])];
    return series.flatMap(({ labels, value }) => value.samples(textLabels(labels)));
  }

  return {
    listen,
    text: () => prometheusText(NAMES.map((name) => familyOf(name, metricTable[name], samplesOf(name)))),
  };
}

const zero = () => 0;

/** The values that a line tells; null if it is none of metrics. */
function valuesOf(line: string): { name: MetricName; value: number; labels: Labels }[] | null {
  if (!line.startsWith(METRICS_LINE)) return null;
  const { data, success } = metricsLine.safeParse(parsed(line));
  if (!success) return null;
  const names = data._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name));
  return names.map((name) => {
    const labels = metricTable[name].labels.map((one) => [one, data[one] ?? '']);
    return { name, value: Number(data[name]), labels: Object.fromEntries(labels) };
  });
}

function parsed(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function seriesOf<Value>(metrics: Map<MetricName, Series<Value>>, name: MetricName): Series<Value> {
  const series = metrics.get(name) ?? new Map();
  metrics.set(name, series);
  return series;
}

function entryOf<Value>(
  series: Series<Value>,
  labels: Labels,
  first: () => Value,
): { labels: Labels; value: Value } {
  const key = Object.values(labels).join('\0');
  const entry = series.get(key) ?? { labels, value: first() };
  series.set(key, entry);
  return entry;
}

/** The sum of several processes' values, label by label. */
function summed(series: readonly (Series<number> | undefined)[]): Sample[] {
  const total: Series<number> = new Map();
  for (const { labels, value } of series.flatMap((one) => [...(one?.values() ?? [])])) {
    entryOf(total, labels, zero).value += value;
  }
  return [...total.values()].map((entry) => ({ ...entry, labels: textLabels(entry.labels) }));
}

function textLabels(labels: Labels): Record<string, string> {
  return Object.fromEntries(Object.entries(labels));
}

const ENDINGS = { counter: '_total', gauge: '', histogram: '_seconds' } as const;

function familyOf(name: MetricName, { kind, help }: MetricDefinition, samples: Sample[]): Family {
  return { name: `${name}${ENDINGS[kind]}`, type: kind, help, samples };
}

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

/** Looks at an answer before it is sent, by the key of its route. */
export type AnswerAmendment = (routeKey: string, answer: HttpResponse) => HttpResponse;

/** Adds the processes' figures to what the stores tell. Only the text has a place for them: the JSON is a contract. */
export function metricsPage(figures: Pick<ProcessFigures, 'text'>): AnswerAmendment {
  return (key, answer) => {
    const type = answer.headers['content-type'];
    if (
      key !== routeKey(readMetrics) ||
      answer.statusCode !== 200 ||
      type !== readMetrics.text?.contentType
    ) {
      return answer;
    }
    return { ...answer, body: Buffer.concat([answer.body, Buffer.from(figures.text())]) };
  };
}
