import {
  COLUMN_DEFINITIONS,
  type ColumnDefinition,
  type ColumnKey,
  normalName,
  normalNameWithoutUnit,
} from './columns.ts';
import { type FoundProblem, quoted } from './errors.ts';
import { type ColumnSettings, PROFILE_NAMES, PROFILES, type ProfileName } from './settings.ts';

/** Where a column's values come from. */
export type FieldSource =
  | { readonly kind: 'none' }
  | { readonly kind: 'column'; readonly index: number; readonly name: string; readonly above?: number }
  | { readonly kind: 'constant'; readonly value: string }
  /** The price is this column ÷ units. */
  | { readonly kind: 'amount'; readonly index: number; readonly name: string; readonly net: boolean }
  /** The discount is the sum of these columns, in money. */
  | { readonly kind: 'amounts'; readonly indexes: readonly number[]; readonly name: string };

const NONE: FieldSource = { kind: 'none' };

/** What a header says about a file's fields. */
export interface CsvHeader {
  readonly line: number;
  /** Named columns; a record has at least as many fields. */
  readonly width: number;
  /** By key, for every column that the tables know. */
  readonly sources: Readonly<Record<ColumnKey, FieldSource>>;
  /** Named columns that nothing is taken from. */
  readonly ignored: readonly string[];
  /** Columns without a name. */
  readonly unnamed: number;
  readonly problems: readonly FoundProblem[];
}

/** Finds the columns of a file by their names, in any order. */
export function readHeader(
  line: number,
  fields: readonly string[],
  settings: ColumnSettings = {},
): CsvHeader {
  const names = fields.map((name) => name.trim());
  const find = columnFinder(names);
  const problems: FoundProblem[] = [];
  const found = COLUMN_DEFINITIONS.map((definition): [ColumnKey, FieldSource] => {
    const result = sourceOf(definition, settings[definition.key], find);
    if (!('reason' in result)) return [definition.key, result];
    problems.push({ line, column: null, value: null, ...result });
    return [definition.key, NONE];
  });
  const sources = sourcesOf(new Map(found));
  const used = new Set(Object.values(sources).flatMap(indexesOf));
  return {
    line,
    width: names.findLastIndex((name) => name !== '') + 1,
    sources,
    ignored: names.filter((name, index) => name !== '' && !used.has(index)),
    unnamed: names.filter((name) => name === '').length,
    problems: withAdvice(problems, names),
  };
}

function sourcesOf(found: ReadonlyMap<ColumnKey, FieldSource>): Record<ColumnKey, FieldSource> {
  const of = (key: ColumnKey): FieldSource => found.get(key) ?? NONE;
  return {
    date: of('date'),
    store: of('store'),
    product: of('product'),
    category: of('category'),
    region: of('region'),
    inventory: of('inventory'),
    units: of('units'),
    ordered: of('ordered'),
    forecast: of('forecast'),
    price: of('price'),
    discount: of('discount'),
    weather: of('weather'),
    promotion: of('promotion'),
    competitorPrice: of('competitorPrice'),
    season: of('season'),
  };
}

function indexesOf(source: FieldSource): readonly number[] {
  if (source.kind === 'column' || source.kind === 'amount') return [source.index];
  return source.kind === 'amounts' ? source.indexes : [];
}

/** Finds the first of some names that the file has. */
type Finder = (names: readonly string[]) => FoundColumn | HeaderProblem | undefined;
type HeaderProblem = Pick<FoundProblem, 'reason' | 'remedy'>;

interface FoundColumn {
  readonly index: number;
  /** As the file writes it. */
  readonly name: string;
}

/** A name matches exactly, or without case, spaces and punctuation, or even without its unit. */
function columnFinder(header: readonly string[]): Finder {
  const forms = [(name: string) => name, normalName, normalNameWithoutUnit];
  return (names) => {
    for (const name of names) {
      for (const form of forms) {
        const same = header.flatMap((each, index) =>
          each !== '' && form(each) === form(name) ? [{ index, name: each }] : [],
        );
        if (same.length > 1) return ambiguous(name, same);
        if (same[0] !== undefined) return same[0];
      }
    }
    return undefined;
  };
}

function ambiguous(name: string, columns: readonly FoundColumn[]): HeaderProblem {
  const numbers = columns.map(({ index }) => index + 1).join(' and ');
  return {
    reason: `names columns ${numbers} ${quoted(name)}; there must be one`,
    remedy: 'Rename all but one of them, or name the column to take in a mapping (--map).',
  };
}

function sourceOf(
  { name, aliases, required }: ColumnDefinition,
  setting: ColumnSettings[ColumnKey],
  find: Finder,
): FieldSource | HeaderProblem {
  if (setting === null) return NONE;
  if (typeof setting === 'object' && 'value' in setting)
    return { kind: 'constant', value: String(setting.value) };
  if (typeof setting === 'object' && 'amounts' in setting) return amountsOf(setting.amounts, find);
  const names = namesOf(setting) ?? [name, ...aliases];
  const found = find(names);
  if (found === undefined) return required ? missing(names) : NONE;
  if ('reason' in found) return found;
  if (typeof setting !== 'object' || Array.isArray(setting)) return { kind: 'column', ...found };
  if ('amount' in setting) return { kind: 'amount', ...found, net: setting.net ?? false };
  return { kind: 'column', ...found, above: setting.above };
}

function namesOf(setting: Exclude<ColumnSettings[ColumnKey], null>): readonly string[] | undefined {
  if (setting === undefined || Array.isArray(setting)) return setting;
  if (typeof setting === 'string') return [setting];
  if ('amount' in setting) return namesOf(setting.amount);
  return 'column' in setting ? namesOf(setting.column) : undefined;
}

function amountsOf(names: readonly string[], find: Finder): FieldSource {
  const found = names.map((name) => find([name])).filter((each) => each !== undefined && 'index' in each);
  if (found.length === 0) return NONE;
  return {
    kind: 'amounts',
    indexes: found.map(({ index }) => index),
    name: found.map(({ name }) => name).join(' + '),
  };
}

function missing(names: readonly string[]): HeaderProblem {
  return { reason: `has no column ${names.map(quoted).join(' or ')}`, remedy: null };
}

/** The last problem gets the remedy for all: a profile that fits, or how to name columns. */
function withAdvice(problems: readonly FoundProblem[], names: readonly string[]): FoundProblem[] {
  const last = problems.findLastIndex(({ remedy }) => remedy === null);
  return problems.map((problem, index) =>
    index === last ? { ...problem, remedy: adviceFor(names) } : problem,
  );
}

function adviceFor(names: readonly string[]): string {
  const profile = fittingProfile(names);
  if (profile !== undefined) return `This looks like the public data set "${profile}": add --map ${profile}.`;
  const has = names
    .filter((name) => name !== '')
    .slice(0, 30)
    .map(quoted)
    .join(', ');
  return (
    `The header has ${has === '' ? 'no names' : has}. Rename columns, or name them in a mapping: ` +
    '--map mapping.json with {"columns": {"units": "Quantity", …}} (docs/data.md).'
  );
}

/** The profile whose needed columns the file has; one that reads any file says nothing. */
export function fittingProfile(names: readonly string[]): ProfileName | undefined {
  return PROFILE_NAMES.find((profile) => {
    const { columns } = PROFILES[profile].settings;
    if (columns === undefined || Object.keys(columns).length < 3) return false;
    const find = columnFinder(names);
    return COLUMN_DEFINITIONS.filter(({ required }) => required).every((definition) => {
      return !('reason' in sourceOf(definition, columns[definition.key], find));
    });
  });
}
