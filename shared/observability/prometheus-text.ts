/** One value of a family. */
export interface Sample {
  /** After the family's name: `_bucket`, `_sum` or `_count` of a histogram. */
  readonly suffix?: '_bucket' | '_sum' | '_count';
  readonly labels?: Readonly<Record<string, string>>;
  readonly value: number;
}

/** All values of one metric. */
export interface Family {
  readonly name: string;
  readonly type: 'gauge' | 'counter' | 'histogram';
  readonly help: string;
  readonly samples: readonly Sample[];
}

/** What every family's name begins with. */
const PREFIX = 'retail_';

/**
 * The Prometheus text format 0.0.4. A family without samples is left out.
 *
 * @see https://prometheus.io/docs/instrumenting/exposition_formats/
 */
export function prometheusText(families: readonly Family[]): string {
  return families.map(familyText).join('');
}

function familyText({ name, type, help, samples }: Family): string {
  if (samples.length === 0) return '';
  const metric = `${PREFIX}${name}`;
  const lines = samples.map(
    ({ suffix = '', labels = {}, value }) => `${metric}${suffix}${labelText(labels)} ${valueText(value)}\n`,
  );
  return `# HELP ${metric} ${help}\n# TYPE ${metric} ${type}\n${lines.join('')}`;
}

function labelText(labels: Readonly<Record<string, string>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${escaped(value)}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}

function valueText(value: number): string {
  return value === Number.POSITIVE_INFINITY ? '+Inf' : String(value);
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
