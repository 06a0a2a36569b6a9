import * as z from 'zod';
import { entityId } from '../../shared/api/sale.ts';

/** The columns of a data set file, in order and spelled as in the Kaggle "retail store inventory" file. */
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

/** A field that can't be loaded, and what it would have to be. */
export interface FieldProblem {
  readonly column: DatasetColumn;
  readonly value: string;
  readonly reason: string;
}

/** What a column takes: a test of the text, and the words for it. */
interface ColumnRule {
  readonly accepts: (text: string) => boolean;
  readonly reason: string;
}

const MAX_INT = 2_147_483_647;
const WHOLE_NUMBER = /^(0|[1-9]\d{0,9})$/;
const DECIMAL = /^-?(0|[1-9]\d{0,10})(\.\d{1,2})?$/;
/** No control characters, and not the character that stands for bytes that are no UTF-8. */
const LABEL = /^[^\p{Cc}\ufffd]{1,50}$/u;

/** More different values than a column of ids, dates or labels has; memory stays bounded in a file where it hasn't. */
const MAX_REMEMBERED = 20_000;

/** The same few values come in every row: remembering the good ones saves most of the time of checking them. */
function remembered(accepts: (text: string) => boolean): (text: string) => boolean {
  const good = new Set<string>();
  return (text) => {
    if (good.has(text)) return true;
    if (!accepts(text)) return false;
    if (good.size < MAX_REMEMBERED) good.add(text);
    return true;
  };
}

const date: ColumnRule = {
  accepts: remembered((text) => z.regexes.date.test(text) && text >= '1000-01-01'),
  reason: 'must be a date that exists, as YYYY-MM-DD',
};
const id: ColumnRule = {
  accepts: remembered((text) => entityId.safeParse(text).success),
  reason: 'must be 1 to 32 printable ASCII characters without spaces',
};
const label: ColumnRule = {
  accepts: remembered((text) => LABEL.test(text) && text.length <= 50 && text.trim() === text),
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

/** The fields of a row that can't be loaded; none for a good row. */
export function fieldProblems(row: RowFields): FieldProblem[] {
  const problems: FieldProblem[] = [];
  let index = 0;
  for (const { column, rule } of ruleByIndex) {
    const value = row[index++] ?? '';
    if (!rule.accepts(value)) problems.push({ column, value, reason: rule.reason });
  }
  return problems;
}

/** What is wrong with the file's first line; undefined if it names the columns as it must. */
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

/** A value for a message: in quotes, control characters escaped, cut to a readable length. */
export function quoted(value: string): string {
  return JSON.stringify(value.length > 60 ? `${value.slice(0, 60)}…` : value);
}
