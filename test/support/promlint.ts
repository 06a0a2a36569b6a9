/**
 * What `promtool check metrics` checks: the Prometheus text format and the naming rules of promlint
 * (github.com/prometheus/client_golang, prometheus/testutil/promlint).
 */
export interface PromFamily {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly samples: {
    readonly name: string;
    readonly labels: Readonly<Record<string, string>>;
    readonly value: number;
  }[];
}

const HELP = /^# HELP ([a-zA-Z_:][\w:]*) (.+)$/;
const TYPE = /^# TYPE ([a-zA-Z_:][\w:]*) (counter|gauge|histogram)$/;
const SAMPLE = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? ([+-]?(?:[\d.]+(?:e[+-]?\d+)?|Inf))$/;
const LABEL = /([a-zA-Z_]\w*)="((?:\\[\\n"]|[^"\\\n])*)"(?:,|$)/gy;

/** @throws Error for an invalid line or a sample outside its family. */
export function parsePrometheus(text: string): PromFamily[] {
  const families: PromFamily[] = [];
  let help: readonly string[] = [];
  if (text !== '' && !text.endsWith('\n')) throw new Error('The last line has no end.');
  for (const line of text.split('\n').slice(0, -1)) {
    const asHelp = HELP.exec(line);
    const asType = TYPE.exec(line);
    if (line === '') continue;
    if (asHelp) help = asHelp;
    else if (asType) families.push(familyOf(asType, help));
    else addSample(families.at(-1), line);
  }
  return families;
}

function familyOf(
  [, name = '', type = '']: readonly string[],
  [, helped, help = '']: readonly string[],
): PromFamily {
  if (helped !== name) throw new Error(`${name} has no HELP before its TYPE.`);
  return { name, type, help, samples: [] };
}

function addSample(family: PromFamily | undefined, line: string): void {
  const [, name = '', labels = '', value = ''] = SAMPLE.exec(line) ?? [];
  const endings = family?.type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!family || !endings.some((ending) => `${family.name}${ending}` === name))
    throw new Error(`Misplaced: ${line}`);
  const pairs = [...labels.matchAll(LABEL)];
  if (pairs.map(([pair]) => pair).join('') !== labels)
    throw new Error(`These labels can't be read: ${labels}`);
  const number = Number(value.replace('Inf', 'Infinity'));
  family.samples.push({
    name,
    labels: Object.fromEntries(pairs.map(([, key, text]) => [key, text])),
    value: number,
  });
}

const FOREIGN_UNITS =
  'minutes|hours|days|weeks|kelvins|fahrenheit|rankine|inches|yards|miles|bits|calories|pounds|ounces';
const PREFIXED_UNITS =
  '(pico|nano|micro|milli|centi|deci|deca|hecto|kilo|kibi|mega|mibi|giga|gibi|tera|tebi|peta|pebi)(seconds|bytes|meters|grams)';
const NOT_A_BASE_UNIT = new RegExp(`(^|_)(${FOREIGN_UNITS}|${PREFIXED_UNITS})(_|$)`);
const ABBREVIATED_UNIT = /_(s|ms|us|ns|sec|b|kb|mb|gb|tb|pb|m|h|d)(_|$)/;

/** Violations in a text; empty if none. @throws as {@link parsePrometheus} does. */
export function promLint(text: string): string[] {
  const families = parsePrometheus(text);
  const names = families.map(({ name }) => name);
  const twins = names.filter((name, index) => names.indexOf(name) !== index);
  return [...twins.map((name) => `${name}: twice`), ...families.flatMap(problemsOf)];
}

function problemsOf(family: PromFamily): string[] {
  const { name, type, samples } = family;
  const labels = samples.flatMap((sample) => Object.keys(sample.labels));
  const keys = samples.map((sample) =>
    JSON.stringify([sample.name, Object.entries(sample.labels).toSorted()]),
  );
  const checks: [boolean, string][] = [
    [name.endsWith('_total') === (type === 'counter'), 'counters end with _total, and nothing else does'],
    [!/_(bucket|sum|count)$/.test(name), 'these endings are reserved'],
    [type === 'histogram' || !labels.includes('le'), 'only histograms have the label le'],
    [!new RegExp(`_${type}(_|$)`).test(name), 'the type does not belong into the name'],
    [!NOT_A_BASE_UNIT.test(name), 'not a base unit'],
    [!ABBREVIATED_UNIT.test(name), 'an abbreviated unit'],
    [![name, ...labels].some((one) => /[a-z][A-Z]|:/.test(one)), 'names are in snake_case'],
    [new Set(keys).size === keys.length, 'a sample is there twice'],
    [type !== 'histogram' || isCumulative(family), 'the buckets are not cumulative up to the count'],
  ];
  return checks.filter(([isRight]) => !isRight).map(([, problem]) => `${name}: ${problem}`);
}

function isCumulative({ name, samples }: PromFamily): boolean {
  const bySeries = Map.groupBy(samples, ({ labels: { le: _bound, ...others } }) => JSON.stringify(others));
  return [...bySeries.values()].every((series) => {
    const buckets = series.filter((sample) => sample.name === `${name}_bucket`);
    const bounds = buckets.map(({ labels }) => Number(labels.le?.replace('Inf', 'Infinity')));
    const counts = buckets.map(({ value }) => value);
    const total = series.find((sample) => sample.name === `${name}_count`)?.value;
    return (
      bounds.at(-1) === Number.POSITIVE_INFINITY &&
      isAscending(bounds) &&
      isAscending(counts) &&
      counts.at(-1) === total
    );
  });
}

function isAscending(numbers: readonly number[]): boolean {
  return numbers.every((number, index) => index === 0 || number >= (numbers[index - 1] ?? number));
}
