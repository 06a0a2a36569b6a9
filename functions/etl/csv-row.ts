import * as z from 'zod';
import { entityId } from '../../shared/api/sale.ts';

/** The columns of a data set file, in the order and spelling of the Kaggle file "retail store inventory". */
export const DATASET_COLUMNS = [
  'Date',
  'Store ID',
  'Product ID',
  'Category',
  'Region',
  'Inventory Level',
  'Units Sold',
  'Units Ordered',
  'Demand Forecast',
  'Price',
  'Discount',
  'Weather Condition',
  'Holiday/Promotion',
  'Competitor Pricing',
  'Seasonality',
] as const;

export type DatasetColumn = (typeof DATASET_COLUMNS)[number];

/** The fields of a row as text, in the order of the file's columns. */
export type RowFields = TextOf<typeof DATASET_COLUMNS>;
type TextOf<Columns extends readonly string[]> = { readonly [Index in keyof Columns]: string };

/** A field that can't be loaded, and the rule it breaks. */
export interface FieldProblem {
  readonly column: DatasetColumn;
  readonly value: string;
  readonly reason: string;
}

/** A column's values: a test, and its description for messages. */
interface ColumnRule {
  readonly accepts: (text: string) => boolean;
  readonly reason: string;
}

const MAX_INT = 2_147_483_647;
const WHOLE_NUMBER = /^(0|[1-9]\d{0,9})$/;
const DECIMAL = /^-?(0|[1-9]\d{0,10})(\.\d{1,2})?$/;
/** No control characters, and no U+FFFD, the replacement for bytes that are not UTF-8. */
const LABEL = /^[^\p{Cc}\ufffd]{1,50}$/u;

/** More distinct values than a column of ids, dates or labels has; bounds the memory for other files. */
const MAX_CACHED = 20_000;

/** Caches accepted values: the same few recur in every row, so most checks become a look-up. */
function cached(accepts: (text: string) => boolean): (text: string) => boolean {
  const accepted = new Set<string>();
  return (text) => {
    if (accepted.has(text)) return true;
    if (!accepts(text)) return false;
    if (accepted.size < MAX_CACHED) accepted.add(text);
    return true;
  };
}

const date: ColumnRule = {
  accepts: cached((text) => z.regexes.date.test(text) && text >= '1000-01-01'),
  reason: 'must be a date that exists, as YYYY-MM-DD',
};
const id: ColumnRule = {
  accepts: cached((text) => entityId.safeParse(text).success),
  reason: 'must be 1 to 32 printable ASCII characters without spaces',
};
const label: ColumnRule = {
  accepts: cached((text) => LABEL.test(text) && text.length <= 50 && text.trim() === text),
  reason: 'must be 1 to 50 characters of UTF-8 text without control characters or spaces around it',
};
const wholeNumber: ColumnRule = {
  accepts: (text) => WHOLE_NUMBER.test(text) && Number(text) <= MAX_INT,
  reason: `must be a whole number from 0 to ${MAX_INT}`,
};
const flag: ColumnRule = { accepts: (text) => text === '0' || text === '1', reason: 'must be 0 or 1' };

function decimal(lowest: number, highest: number): ColumnRule {
  return {
    accepts: (text) => DECIMAL.test(text) && Number(text) >= lowest && Number(text) <= highest,
    reason: `must be a number from ${lowest} to ${highest} with at most two decimals`,
  };
}

const money = decimal(0, 99_999_999.99);

/** At least as strict as the columns of `sales_facts` and as the event that a row becomes. */
const rules: Readonly<Record<DatasetColumn, ColumnRule>> = {
  Date: date,
  'Store ID': id,
  'Product ID': id,
  Category: label,
  Region: label,
  'Inventory Level': wholeNumber,
  'Units Sold': wholeNumber,
  'Units Ordered': wholeNumber,
  'Demand Forecast': decimal(-9_999_999_999.99, 9_999_999_999.99),
  Price: money,
  Discount: decimal(0, 100),
  'Weather Condition': label,
  'Holiday/Promotion': flag,
  'Competitor Pricing': money,
  Seasonality: label,
};

const ruleByIndex = DATASET_COLUMNS.map((column) => ({ column, rule: rules[column] }));

/** Whether a record has as many fields as the file has columns. */
export function isRow(fields: readonly string[]): fields is RowFields {
  return fields.length === DATASET_COLUMNS.length;
}

/** Returns the fields of a row that can't be loaded; none if it is valid. */
export function fieldProblems(row: RowFields): FieldProblem[] {
  const problems: FieldProblem[] = [];
  let index = 0;
  for (const { column, rule } of ruleByIndex) {
    const value = row[index++] ?? '';
    if (!rule.accepts(value)) problems.push({ column, value, reason: rule.reason });
  }
  return problems;
}

/** Describes what is wrong with the header; undefined if it is as expected. */
export function headerProblem(names: readonly string[]): string | undefined {
  for (const [index, expected] of DATASET_COLUMNS.entries()) {
    const name = names[index];
    if (name === expected) continue;
    if (name === undefined) return `has no column ${index + 1}; it must be "${expected}"`;
    return `names column ${index + 1} ${quoted(name)}; it must be "${expected}"`;
  }
  const [extra] = names.slice(DATASET_COLUMNS.length);
  return extra === undefined ? undefined : `has a column more than it should: ${quoted(extra)}`;
}

/** Formats a value for a message: quoted, control characters escaped, cut to 60 characters. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
