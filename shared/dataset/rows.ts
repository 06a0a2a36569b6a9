import {
  aboveReader,
  type CellReader,
  type CellRefusal,
  type CellRules,
  cellReader,
  isMissing,
  isRefusal,
  sixDecimals,
} from './cells.ts';
import { COLUMN_DEFINITIONS, type ColumnDefinition, type ColumnKey, type TableRow } from './columns.ts';
import type { CsvRecord } from './csv-records.ts';
import type { ProblemList } from './errors.ts';
import type { CsvHeader, FieldSource } from './header.ts';
import { plainNumber } from './numbers.ts';
import type { DatasetSettings } from './settings.ts';
import type { Findings } from './survey.ts';

/** Lines that were left out on purpose, and values that were missing. */
export interface RowCounts {
  /** Lines without any value. */
  blank: number;
  incomplete: number;
  negativePrice: number;
  /** Lines with units below zero. */
  returns: number;
  /** Missing values of columns that the file has. */
  readonly missing: Map<ColumnKey, number>;
}

/** Reads records as rows, one after the other. */
export interface RowReader {
  /** @returns null for a line that is left out, or that has a problem. */
  read(record: CsvRecord, problems: ProblemList): TableRow | null;
  readonly counts: RowCounts;
}

/** A column that is read from one field. */
interface Field {
  readonly position: number;
  readonly definition: ColumnDefinition;
  readonly index: number;
  readonly name: string;
  readonly read: CellReader;
}

const UNITS = COLUMN_DEFINITIONS.findIndex(({ key }) => key === 'units');
const PRICE = COLUMN_DEFINITIONS.findIndex(({ key }) => key === 'price');
const DISCOUNT = COLUMN_DEFINITIONS.findIndex(({ key }) => key === 'discount');

const INCOMPLETE: CellRefusal = {
  reason: '',
  remedy: 'Fill it in, or leave such lines out with {"skip": ["incomplete"]} in a mapping (--map).',
};
const NEGATIVE_PRICE_REMEDY =
  'To leave such lines out, put {"skip": ["negative price"]} into a mapping (--map).';

/** Makes a reader from what the survey found out. */
export function rowReader(header: CsvHeader, survey: Findings, settings: DatasetSettings): RowReader {
  const sum = sums(settings);
  const rules: CellRules = {
    dates: { reading: survey.dates, asked: settings.dateFormat, firstDay: settings.firstDay },
    sign: survey.numbers.sign,
    discount: survey.discount,
    returns: settings.returns !== undefined,
    round: settings.round ?? false,
    sum,
  };
  const skip = new Set(settings.skip);
  const fields = fieldsOf(header, rules);
  const constants = constantsOf(header, rules);
  const derive = amountReader(header, rules);
  const counts: RowCounts = { blank: 0, incomplete: 0, negativePrice: 0, returns: 0, missing: new Map() };

  function read({ line, fields: texts }: CsvRecord, problems: ProblemList): TableRow | null {
    if (texts.every((text) => text === '' || text.trim() === '')) {
      counts.blank += 1;
      return null;
    }
    if (texts.length < header.width || texts.slice(header.width).some((text) => text.trim() !== '')) {
      // Counted in groups, so the numbers of the first line stand for all.
      problems.add({ line, column: null, value: null, ...wrongWidth(texts.length, header.width) });
      return null;
    }
    const row: (string | null)[] = [...constants];
    let refused = false;
    for (const { position, definition, index, name, read } of fields) {
      const text = texts[index]?.trim() ?? '';
      const cell = read(text);
      if (!isRefusal(cell)) {
        row[position] = cell;
        if (cell === null) counts.missing.set(definition.key, (counts.missing.get(definition.key) ?? 0) + 1);
        continue;
      }
      const isIncomplete = definition.required && isMissing(text);
      if (isIncomplete && skip.has('incomplete')) {
        counts.incomplete += 1;
        return null;
      }
      const isNegative = position === PRICE && Number(plainNumber(text, rules.sign)) < 0;
      if (isNegative && skip.has('negative price')) {
        counts.negativePrice += 1;
        return null;
      }
      refused = true;
      const remedy = isIncomplete ? INCOMPLETE.remedy : isNegative ? NEGATIVE_PRICE_REMEDY : cell.remedy;
      problems.add({ line, column: name, value: text, reason: cell.reason, remedy });
    }
    if (refused) return null;
    const derived = derive(texts, row);
    if (derived !== null) {
      if (skip.has(derived.skip)) {
        counts[derived.skip === 'incomplete' ? 'incomplete' : 'negativePrice'] += 1;
        return null;
      }
      problems.add({ line, ...derived.problem });
      return null;
    }
    if (!row[UNITS]?.startsWith('-')) return row;
    counts.returns += 1;
    return settings.returns === 'drop' ? null : row;
  }

  return { read, counts };
}

/** Whether several lines of a day, store and product are one sale. */
export function sums({ sum, returns }: DatasetSettings): boolean {
  return sum === true || returns === 'net';
}

function wrongWidth(fields: number, width: number): CellRefusal {
  return {
    reason: `has ${fields} ${fields === 1 ? 'field' : 'fields'}; the header has ${width}`,
    remedy: 'Put values that contain the separator into double quotes, and look for a line that was cut.',
  };
}

function fieldsOf({ sources }: CsvHeader, rules: CellRules): Field[] {
  return COLUMN_DEFINITIONS.flatMap((definition, position): Field[] => {
    const source = sources[definition.key];
    if (source.kind !== 'column') return [];
    const read =
      source.above === undefined ? cellReader(definition, rules) : aboveReader(source.above, rules);
    return [{ position, definition, index: source.index, name: source.name, read }];
  });
}

/** The row before a line's own values. @throws ConstantError for a constant that its column can't have. */
function constantsOf({ sources }: CsvHeader, rules: CellRules): (string | null)[] {
  return COLUMN_DEFINITIONS.map((definition) => {
    const source = sources[definition.key];
    if (source.kind !== 'constant') return null;
    const cell = cellReader(definition, { ...rules, sign: '.' })(source.value);
    if (isRefusal(cell)) throw new ConstantError(`"${definition.key}": ${source.value} ${cell.reason}`);
    return cell;
  });
}

/** A mapping sets a column to a value that it can't have. */
export class ConstantError extends Error {}

/** Sets price and discount of a row from amounts. @returns null, or why it can't. */
type Derive = (texts: readonly string[], row: (string | null)[]) => NotDerived | null;

interface NotDerived {
  readonly skip: 'incomplete' | 'negative price';
  readonly problem: {
    readonly column: string;
    readonly value: string;
    readonly reason: string;
    readonly remedy: string | null;
  };
}

function amountReader({ sources: { price, discount } }: CsvHeader, rules: CellRules): Derive {
  if (price.kind !== 'amount') return () => null;
  return (texts, row) => {
    const text = texts[price.index]?.trim() ?? '';
    const refuse = (skip: NotDerived['skip'], reason: string, remedy: string | null): NotDerived => {
      return { skip, problem: { column: price.name, value: text, reason, remedy } };
    };
    const plain = plainNumber(text, rules.sign);
    if (plain === undefined) {
      const remedy = isMissing(text) ? INCOMPLETE.remedy : null;
      return refuse('incomplete', 'must be an amount of money', remedy);
    }
    const [amount, units] = [Number(plain), Number(row[UNITS])];
    if (amount * units < 0) {
      return refuse(
        'negative price',
        'must have the sign of the units, as a price is not below zero',
        NEGATIVE_PRICE_REMEDY,
      );
    }
    const deducted = discount.kind === 'amounts' ? amountsDeducted(texts, discount.indexes, rules) : 0;
    const paid = Math.abs(amount);
    const listed = price.net ? listedAmount(paid, deducted, Number(row[DISCOUNT] ?? 0)) : paid;
    row[PRICE] = decimals(units === 0 ? 0 : listed / Math.abs(units), rules);
    if (discount.kind === 'amounts')
      row[DISCOUNT] = decimals(listed > 0 ? (100 * deducted) / listed : 0, rules);
    if (Number(row[PRICE]) <= MAX_PRICE) return null;
    return refuse('incomplete', `must be a price up to ${MAX_PRICE} when divided by the units`, null);
  };
}

const MAX_PRICE = 99_999_999.99;

/** The amount before discounts, which are either money or per cent. */
function listedAmount(paid: number, deducted: number, percent: number): number {
  if (deducted > 0) return paid + deducted;
  return percent < 100 ? paid / (1 - percent / 100) : paid;
}

function amountsDeducted(texts: readonly string[], indexes: readonly number[], { sign }: CellRules): number {
  return indexes.reduce((total, index) => {
    return total + Math.abs(Number(plainNumber(texts[index]?.trim() ?? '', sign) ?? 0));
  }, 0);
}

function decimals(value: number, { sum }: CellRules): string {
  return sum ? sixDecimals(value) : value.toFixed(2);
}

/** For messages: where a column's values come from. */
export function describeSource(source: FieldSource): string {
  switch (source.kind) {
    case 'none':
      return 'none';
    case 'column':
      return source.above === undefined ? `"${source.name}"` : `"${source.name}" above ${source.above}`;
    case 'constant':
      return `always ${JSON.stringify(source.value)}`;
    case 'amount':
      return `"${source.name}" ÷ units${source.net ? ', before the discount' : ''}`;
    case 'amounts':
      return `${source.name} in per cent`;
  }
}
