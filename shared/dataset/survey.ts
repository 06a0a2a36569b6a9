import { createHash, type Hash } from 'node:crypto';
import { COLUMN_DEFINITIONS, type ColumnDefinition } from './columns.ts';
import { asUtf8, withStart } from './containers.ts';
import { type CsvDialect, type CsvRecord, findDelimiter, readCsv } from './csv-records.ts';
import { type DateReading, ORDER_NAMES, surveyDates } from './dates.ts';
import type { FoundProblem } from './errors.ts';
import { type CsvHeader, readHeader } from './header.ts';
import { type NumberReading, plainNumber, surveyNumbers } from './numbers.ts';
import type { Dataset } from './open-dataset.ts';
import type { DatasetSettings } from './settings.ts';

/** What a first pass over a whole file found out about how it is written. */
export interface Survey {
  /** Null for a file without a header. */
  readonly header: CsvHeader | null;
  readonly dialect: CsvDialect;
  readonly encoding: string;
  readonly dates: DateReading;
  readonly numbers: NumberReading;
  readonly discount: 'percent' | 'fraction';
  /** Questions that the file leaves open, and a header that lacks columns. */
  readonly problems: readonly FoundProblem[];
  /** Of the file's bytes after decompression, if the pass came to its end. */
  readonly sha256: string;
}

/** A file's records, in batches, with what was found out before the first. */
interface OpenedRecords {
  readonly records: AsyncGenerator<CsvRecord[]>;
  readonly dialect: CsvDialect;
  readonly encoding: string;
}

/** Opens a file's records. @param hash Updated with the file's bytes. */
export async function openRecords(
  dataset: Dataset,
  settings: DatasetSettings,
  hash: Hash,
): Promise<OpenedRecords> {
  const { text, encoding } = await asUtf8(hashed(dataset.read(), hash), settings.encoding);
  const { start, whole } = await withStart(text, SNIFFED_BYTES);
  const found = findDelimiter(start.toString('utf8', 0, SNIFFED_BYTES), (names) =>
    countKnown(names, settings),
  );
  const dialect = { ...found, delimiter: settings.delimiter ?? found.delimiter };
  return { records: readCsv(whole, dialect), dialect, encoding };
}

const SNIFFED_BYTES = 16_384;

async function* hashed(source: AsyncIterable<Uint8Array>, hash: Hash): AsyncGenerator<Uint8Array> {
  for await (const chunk of source) {
    hash.update(chunk);
    yield chunk;
  }
}

function countKnown(names: readonly string[], { columns }: DatasetSettings): number {
  const { sources } = readHeader(1, names, columns);
  return Object.values(sources).filter(({ kind }) => kind !== 'none' && kind !== 'constant').length;
}

const FORMS_OF_NUMBERS: ReadonlySet<ColumnDefinition['kind']> = new Set([
  'units',
  'money',
  'forecast',
  'discount',
]);

/** What was found out about a file, or about its lines so far. */
export type Findings = Omit<Survey, 'sha256'>;

/**
 * Reads a whole file once: which columns there are, the order of its dates, its decimal sign, and whether discounts are fractions.
 *
 * @param follow Called with each batch of records, and with what they and those before them say. The next batch is read when it resolves.
 * @throws UnreadableDatasetError, CsvSyntaxError.
 */
export async function surveyDataset(
  dataset: Dataset,
  settings: DatasetSettings,
  follow?: (records: readonly CsvRecord[], soFar: Findings) => Promise<void>,
): Promise<Survey> {
  const hash = createHash('sha256');
  const { records, dialect, encoding } = await openRecords(dataset, settings, hash);
  const dates = surveyDates(settings.dateFormat);
  const numbers = surveyNumbers(settings.decimal);
  const discounts = surveyDiscounts();
  let header: CsvHeader | null = null;
  let observed: readonly Observed[] = [];
  for await (const batch of records) {
    for (const { line, fields } of batch) {
      if (header === null) {
        header = readHeader(line, fields, settings.columns);
        if (header.problems.length > 0) break;
        observed = observedFields(header);
        continue;
      }
      for (const { index, kind, name } of observed) {
        const text = fields[index]?.trim() ?? '';
        if (text === '') continue;
        if (kind === 'date') dates.add(text, line);
        else numbers.add(kind === 'discount' ? text.replace(/\s*%$/, '') : text, line, name);
        if (kind === 'discount') discounts.add(text, line, name);
      }
    }
    if (header && header.problems.length > 0) break;
    await follow?.(batch, findings());
  }
  return { ...findings(), sha256: hash.digest('hex') };

  function findings(): Findings {
    const found = { dates: dates.reading(), numbers: numbers.reading() };
    const discount = discounts.reading(found.numbers.sign, settings.discount);
    return {
      header,
      dialect,
      encoding,
      ...found,
      discount: discount.scale,
      problems: [
        ...(header?.problems ?? []),
        ...dateQuestions(found.dates, columnName(header, 'date')),
        ...numberQuestions(found.numbers),
        ...discount.problems,
      ],
    };
  }
}

/** Whether a line that was read by one of them would be read equally by the other. */
export function readEqually(one: Findings, other: Findings): boolean {
  const [orders, others] = [one.dates.orders, other.dates.orders];
  return (
    one.numbers.sign === other.numbers.sign &&
    one.discount === other.discount &&
    orders.size === others.size &&
    [...orders].every(([shape, order]) => others.get(shape) === order)
  );
}

interface Observed {
  readonly index: number;
  readonly kind: ColumnDefinition['kind'];
  readonly name: string;
}

/** The fields that a survey looks at. */
function observedFields({ sources }: CsvHeader): Observed[] {
  return COLUMN_DEFINITIONS.flatMap(({ key, kind }): Observed[] => {
    const source = sources[key];
    if (kind !== 'date' && !FORMS_OF_NUMBERS.has(kind)) return [];
    if (source.kind === 'column') return [{ index: source.index, kind, name: source.name }];
    if (source.kind === 'amount') return [{ index: source.index, kind: 'money', name: source.name }];
    if (source.kind !== 'amounts') return [];
    return source.indexes.map((index) => ({ index, kind: 'money' as const, name: source.name }));
  });
}

/** A column's name as the file has it. */
export function columnName(header: CsvHeader | null, key: ColumnDefinition['key']): string {
  const source = header?.sources[key];
  if (source !== undefined && 'name' in source) return source.name;
  return COLUMN_DEFINITIONS.find((definition) => definition.key === key)?.name ?? key;
}

function dateQuestions({ ambiguous }: DateReading, column: string): FoundProblem[] {
  return ambiguous.map(({ orders, example }) => {
    const names = orders.map((order) => ORDER_NAMES[order]).join(' or ');
    const answers = orders.map((order) => `--date-format ${order}`).join(' or ');
    return {
      ...example,
      column,
      reason: `must be a date that has one meaning: it may be ${names}, and no other value of the column tells`,
      remedy: `Answer with ${answers}.`,
    };
  });
}

function numberQuestions({ ambiguous }: NumberReading): FoundProblem[] {
  return (ambiguous?.examples ?? []).slice(0, 1).map(({ line, column, value }) => ({
    line,
    column,
    value,
    reason: 'must be a number that has one meaning: the sign in it may mark decimals or thousands',
    remedy: 'Answer with --decimal . (a point marks decimals) or --decimal , (a comma does).',
  }));
}

const SIGNS = ['.', ','] as const;

/** Looks at a column of discounts: none above 1 and some between 0 and 1 are fractions. */
function surveyDiscounts() {
  const bySign = { '.': { greatest: 0, fractions: 0 }, ',': { greatest: 0, fractions: 0 } };
  const known = new Set<string>();
  let hasPercentSign = false;
  let one: FoundProblem | null = null;

  function add(text: string, line: number, column: string): void {
    if (known.has(text)) return;
    if (known.size < MAX_KNOWN) known.add(text);
    if (text.endsWith('%')) {
      hasPercentSign = true;
      return;
    }
    for (const sign of SIGNS) {
      const value = Number(plainNumber(text, sign) ?? 0);
      const seen = bySign[sign];
      seen.greatest = Math.max(seen.greatest, value);
      if (value > 0 && value < 1) seen.fractions += 1;
      if (value === 1) one ??= { line, column, value: text, ...ONE_OR_HUNDRED };
    }
  }

  function reading(sign: '.' | ',', asked: 'percent' | 'fraction' | undefined) {
    const { greatest, fractions } = bySign[sign];
    if (asked !== undefined || hasPercentSign) return { scale: asked ?? ('percent' as const), problems: [] };
    const isFraction = greatest <= 1 && fractions > 0;
    const problems = greatest === 1 && fractions === 0 && one !== null ? [one] : [];
    return { scale: isFraction ? ('fraction' as const) : ('percent' as const), problems };
  }

  return { add, reading };
}

const MAX_KNOWN = 1_000;
const ONE_OR_HUNDRED = {
  reason:
    'must be a discount that has one meaning: 1 is the greatest of the column, so it may be 1 % or all of the price',
  remedy: 'Answer with --discount percent or --discount fraction.',
};
