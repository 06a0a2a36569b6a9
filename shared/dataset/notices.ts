import { COLUMN_DEFINITIONS, type ColumnKey } from './columns.ts';
import { MONTH_BY_NAME, ORDER_NAMES } from './dates.ts';
import type { CsvHeader } from './header.ts';
import type { RowCounts } from './rows.ts';
import type { DatasetSettings } from './settings.ts';
import type { DatasetSummary } from './summary.ts';
import { columnName, type Survey } from './survey.ts';

interface Reading {
  readonly survey: Survey;
  readonly header: CsvHeader;
  readonly settings: DatasetSettings;
  readonly counts: RowCounts;
  readonly summary: DatasetSummary;
}

/** What was done to a file's values that its owner may not expect, in sentences; none for a file in the usual form. */
export function noticesOf({ survey, header, settings, counts, summary }: Reading): string[] {
  return [
    ...encodingNotices(survey),
    ...headerNotices(header),
    ...dateNotices(survey, settings),
    ...numberNotices(survey, header),
    ...missingNotices(header, counts),
    ...lineNotices(counts, settings, summary),
  ];
}

function encodingNotices({ encoding, dialect: { delimiter } }: Survey): string[] {
  return [
    ...(encoding === 'utf-8' ? [] : [`The text is ${encoding}.`]),
    ...(delimiter === ',' ? [] : [`Fields are separated by ${JSON.stringify(delimiter)}.`]),
  ];
}

const MAX_NAMES = 20;

function headerNotices({ ignored, unnamed }: CsvHeader): string[] {
  const names = ignored.slice(0, MAX_NAMES).map((name) => JSON.stringify(name));
  const more = ignored.length > MAX_NAMES ? `, and ${ignored.length - MAX_NAMES} more` : '';
  return [
    ...(ignored.length === 0
      ? []
      : [
          `Ignored: the ${ignored.length === 1 ? 'column' : `${ignored.length} columns`} ${names.join(', ')}${more}.`,
        ]),
    ...(unnamed === 0 ? [] : [`Ignored: ${plural(unnamed, 'column')} without a name.`]),
  ];
}

function dateNotices({ dates, header }: Survey, { dateFormat }: DatasetSettings): string[] {
  const column = columnName(header, 'date');
  const found = [...dates.orders].filter(
    ([shape, order]) => shape !== MONTH_BY_NAME && (order !== 'ymd' || dates.hasShortYears),
  );
  const orders = [...new Set(found.map(([, order]) => order))];
  const why = dateFormat === undefined ? '' : ', as you said';
  return [
    ...(orders.length === 0
      ? []
      : [`${column} is read as ${orders.map((order) => ORDER_NAMES[order]).join(' and ')}${why}.`]),
    ...(dates.hasShortYears ? [`Years of two digits are 1969 to 2068.`] : []),
    ...(dates.hasTimes ? [`The time of day in ${column} is dropped.`] : []),
  ];
}

function numberNotices({ numbers, discount }: Survey, header: CsvHeader): string[] {
  return [
    ...(numbers.sign === ',' ? ['A comma marks decimals.'] : []),
    ...(numbers.hasGroups ? ['Marks between thousands are dropped.'] : []),
    ...(numbers.hasCurrency ? ['Currency signs are dropped: amounts have no currency.'] : []),
    ...(discount === 'fraction'
      ? [`${columnName(header, 'discount')} is a fraction: 0.15 is read as 15 per cent.`]
      : []),
  ];
}

function missingNotices({ sources }: CsvHeader, { missing }: RowCounts): string[] {
  const absent = COLUMN_DEFINITIONS.filter(({ key }) => sources[key].kind === 'none');
  const parts = [...missing].map(([key, count]) => `${nameOf(sources, key)} in ${plural(count, 'line')}`);
  return [
    ...absent.map(({ name, cost }) => `There is no ${name}: ${cost}.`),
    ...(parts.length === 0 ? [] : [`Without a value: ${parts.join(', ')}.`]),
  ];
}

function nameOf(sources: CsvHeader['sources'], key: ColumnKey): string {
  const source = sources[key];
  return 'name' in source ? source.name : key;
}

function lineNotices(
  counts: RowCounts,
  settings: DatasetSettings,
  { rows, lines }: DatasetSummary,
): string[] {
  const { blank, incomplete, negativePrice, returns } = counts;
  const whatHappened =
    settings.returns === 'drop' ? 'left out' : 'deducted from the sales of their day, to no less than zero';
  return [
    ...(blank === 0 ? [] : [`Left out: ${plural(blank, 'line')} without any value.`]),
    ...(incomplete === 0
      ? []
      : [`Left out: ${plural(incomplete, 'line')} without a date, store, product, units or price.`]),
    ...(negativePrice === 0 ? [] : [`Left out: ${plural(negativePrice, 'line')} with a price below zero.`]),
    ...(returns === 0 ? [] : [`Returns: ${plural(returns, 'line')} with units below zero, ${whatHappened}.`]),
    ...(lines === rows
      ? []
      : [`${plural(lines, 'line')} add up to ${plural(rows, 'sale')} of a day, store and product.`]),
    ...(settings.round === true ? ['Units are rounded to whole ones, amounts to two decimals.'] : []),
  ];
}

function plural(count: number, noun: string): string {
  return `${count.toLocaleString('en')} ${noun}${count === 1 ? '' : 's'}`;
}
