import type { DateFormat } from './settings.ts';

/**
 * Dates as people write them. `03/04/2022` alone says nothing, but a whole column usually contains a day above 12: so a survey
 * of the column decides the order of day, month and year, and asks where it can't.
 */

/** An order that a survey can find out. */
export type DateOrder = Exclude<DateFormat, 'excel'>;

/** How an order is named to people. */
export const ORDER_NAMES: Readonly<Record<DateFormat, string>> = {
  ymd: 'year/month/day',
  dmy: 'day/month/year',
  mdy: 'month/day/year',
  excel: "Excel's day number",
};

/** The shape of dates whose month is a word, so that its place doesn't matter. */
export const MONTH_BY_NAME = 'month by name';

/** A date's parts in the order in which they were written. */
interface WrittenDate {
  /** Dates of one shape are written by one hand: `d/d/yyyy`, `d-d-yy`. */
  readonly shape: string;
  readonly orders: readonly DateOrder[];
  readonly parts: readonly [number, number, number];
  readonly shortYear: boolean;
}

/** A time of day after the date, which is not kept. */
const TIME =
  /[T ]\s*\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?\s*(?:[AP]\.?\s?M\.?)?\s*(?:Z|UTC|GMT|[+-]\d{2}:?\d{2})?$/i;
const YEAR_FIRST = /^(\d{4})([-/. ])(\d{1,2})\2(\d{1,2})$/;
const COMPACT = /^(\d{4})(\d{2})(\d{2})$/;
const YEAR_LAST = /^(\d{1,2})([-/. ])(\d{1,2})\2(\d{4}|\d{2})$/;
const DAY_MONTH_NAME = /^(\d{1,2})[-/. ]?\s?([a-z]{3,9})\.?,?[-/. ]?\s?(\d{4}|\d{2})$/i;
const MONTH_NAME_DAY = /^([a-z]{3,9})\.?[-/. ](\d{1,2}),?[-/. ]\s?(\d{4})$/i;
const YEAR_MONTH_NAME = /^(\d{4})[-/. ]([a-z]{3,9})[-/. ](\d{1,2})$/i;

const MONTHS = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'];
const MONTH_NAMES = [
  'january',
  'february',
  'march',
  'april',
  'may',
  'june',
  'july',
  'august',
  'september',
  'october',
  'november',
  'december',
];

const WEEKDAY = /^(?:mon|tue|wed|thu|fri|sat|sun)[a-z]*,?\s+/i;

/** Removes the time of day and the weekday. @returns the date, and whether there was a time. */
export function withoutTime(text: string): { date: string; hasTime: boolean } {
  const match = TIME.exec(text);
  const date = match === null ? text : text.slice(0, match.index).trimEnd();
  return { date: date.replace(WEEKDAY, ''), hasTime: match !== null };
}

/** Takes a date apart; undefined if it isn't one in any order. @param text without a time */
export function writtenDate(text: string): WrittenDate | undefined {
  const first = YEAR_FIRST.exec(text) ?? COMPACT.exec(text);
  if (first !== null) {
    const [year, month, day] = [first[1], first.at(-2), first.at(-1)].map(Number);
    return written('year first', ['ymd'], [year, month, day], false);
  }
  const last = YEAR_LAST.exec(text);
  if (last !== null) {
    const [, a, separator, b, year = ''] = last;
    const shortYear = year.length === 2;
    const orders: DateOrder[] = shortYear ? ['dmy', 'mdy', 'ymd'] : ['dmy', 'mdy'];
    const yearFirst = shortYear && a?.length === 2 ? orders : orders.filter((order) => order !== 'ymd');
    return written(
      `d${separator}d${separator}${shortYear ? 'yy' : 'yyyy'}`,
      yearFirst,
      [Number(a), Number(b), Number(year)],
      shortYear,
    );
  }
  return withMonthName(text);
}

function withMonthName(text: string): WrittenDate | undefined {
  const dayFirst = DAY_MONTH_NAME.exec(text);
  if (dayFirst !== null) {
    const [, day, name, year = ''] = dayFirst;
    return written(MONTH_BY_NAME, ['dmy'], [Number(day), monthOf(name), Number(year)], year.length === 2);
  }
  const monthFirst = MONTH_NAME_DAY.exec(text);
  if (monthFirst !== null) {
    const [, name, day, year] = monthFirst;
    return written(MONTH_BY_NAME, ['dmy'], [Number(day), monthOf(name), Number(year)], false);
  }
  const yearFirst = YEAR_MONTH_NAME.exec(text);
  if (yearFirst === null) return undefined;
  const [, year, name, day] = yearFirst;
  return written(MONTH_BY_NAME, ['dmy'], [Number(day), monthOf(name), Number(year)], false);
}

function written(
  shape: string,
  orders: readonly DateOrder[],
  [a = Number.NaN, b = Number.NaN, c = Number.NaN]: readonly (number | undefined)[],
  shortYear: boolean,
): WrittenDate {
  return { shape, orders, parts: [a, b, c], shortYear };
}

/** NaN for a word that is not a month. */
function monthOf(name = ''): number {
  const text = name.toLowerCase();
  const short = MONTHS.indexOf(text === 'sept' ? 'sep' : text);
  const index = short >= 0 ? short : MONTH_NAMES.indexOf(text);
  return index >= 0 ? index + 1 : Number.NaN;
}

/** Two-digit years below this are of this century, as POSIX reads them. */
const FIRST_YEAR_OF_1900S = 69;

/** The date in an order, as YYYY-MM-DD; undefined if there is no such date. */
export function dateIn(order: DateOrder, { parts, shortYear }: WrittenDate): string | undefined {
  const [a, b, c] = parts;
  const [year, month, day] = order === 'ymd' ? [a, b, c] : order === 'mdy' ? [c, a, b] : [c, b, a];
  const fullYear = shortYear ? year + (year < FIRST_YEAR_OF_1900S ? 2000 : 1900) : year;
  if (!isValidDate(fullYear, month, day)) return undefined;
  return `${fullYear}-${String(month).padStart(2, '0')}-${String(day).padStart(2, '0')}`;
}

/** What one shape of date in a column was seen to be. */
interface ShapeRecord {
  readonly orders: readonly DateOrder[];
  /** Values that fit each order. */
  readonly fits: Map<DateOrder, number>;
  values: number;
  /** Whether two orders read some value as different dates. */
  differ: boolean;
  /** The different first and last parts, at two-digit years. */
  readonly firsts: Set<number>;
  readonly lasts: Set<number>;
  /** The first value that two orders read as different dates, and the first of all. */
  example: DatePlace | undefined;
  first: DatePlace | undefined;
}

interface DatePlace {
  readonly line: number;
  readonly value: string;
}

/** Distinct dates to remember; more than any calendar has. */
const MAX_KNOWN = 20_000;

/** What a survey found out about a column of dates. */
export interface DateReading {
  /** The order of each shape. */
  readonly orders: ReadonlyMap<string, DateOrder>;
  /** Shapes that fit several orders, which mean different dates. */
  readonly ambiguous: readonly {
    readonly orders: readonly DateOrder[];
    readonly example: DatePlace;
  }[];
  readonly hasTimes: boolean;
  readonly hasShortYears: boolean;
  /** Values like 44562, which may be Excel's day numbers. */
  readonly hasDayNumbers: boolean;
}

/** Looks at every value of a column of dates, in constant memory. */
export function surveyDates(asked: DateFormat | undefined) {
  const shapes = new Map<string, ShapeRecord>();
  const known = new Set<string>();
  let hasTimes = false;
  let hasShortYears = false;
  let hasDayNumbers = false;

  function add(text: string, line: number): void {
    const { date, hasTime } = withoutTime(text);
    hasTimes ||= hasTime;
    if (known.has(date)) return;
    if (known.size < MAX_KNOWN) known.add(date);
    if (/^\d{5}$/.test(date)) hasDayNumbers = true;
    const parts = writtenDate(date);
    if (parts === undefined) return;
    hasShortYears ||= parts.shortYear;
    const dates = parts.orders.map((order) => ({ order, date: dateIn(order, parts) }));
    const valid = dates.filter((each) => each.date !== undefined);
    if (valid.length === 0) return;
    const shape = shapes.get(parts.shape) ?? begin(parts);
    shape.values += 1;
    if (parts.shortYear) {
      shape.firsts.add(parts.parts[0]);
      shape.lasts.add(parts.parts[2]);
    }
    for (const { order } of valid) shape.fits.set(order, (shape.fits.get(order) ?? 0) + 1);
    const differs = new Set(valid.map((each) => each.date)).size > 1;
    shape.differ ||= differs;
    if (differs) shape.example ??= { line, value: text };
    shape.first ??= { line, value: text };
  }

  function begin({ shape, orders }: WrittenDate): ShapeRecord {
    const record: ShapeRecord = {
      orders,
      fits: new Map(),
      values: 0,
      differ: false,
      example: undefined,
      first: undefined,
      firsts: new Set<number>(),
      lasts: new Set<number>(),
    };
    shapes.set(shape, record);
    return record;
  }

  function reading(): DateReading {
    const orders = new Map<string, DateOrder>();
    const ambiguous = [];
    for (const [name, shape] of shapes) {
      const { best, candidates } = bestOrders(shape, asked);
      orders.set(name, best);
      const isContradictory = (shape.fits.get(best) ?? 0) < shape.values;
      const example = shape.example ?? shape.first;
      if (candidates.length > 1 && (shape.differ || isContradictory) && example !== undefined) {
        ambiguous.push({ orders: candidates, example });
      }
    }
    return { orders, ambiguous, hasTimes, hasShortYears, hasDayNumbers };
  }

  return { add, reading };
}

/** The order that fits the most values. Others that fit as many are candidates too, unless the settings name the order. */
function bestOrders(
  shape: ShapeRecord,
  asked: DateFormat | undefined,
): { best: DateOrder; candidates: readonly DateOrder[] } {
  const answer = shape.orders.find((order) => order === asked);
  if (answer !== undefined) return { best: answer, candidates: [answer] };
  const possible = shape.orders.filter((order) => !isImplausible(order, shape));
  const most = Math.max(...possible.map((order) => shape.fits.get(order) ?? 0));
  const candidates = possible.filter((order) => shape.fits.get(order) === most);
  return { best: candidates[0] ?? 'ymd', candidates };
}

/** How many times more days of the month than years a column must have, to tell two-digit ones apart. */
const CLEARLY_MORE = 4;

/** `17-05-23` is 2017 or 2023. Where the first part takes many values and the last few, the last is the year; and vice versa. */
function isImplausible(order: DateOrder, { firsts, lasts }: ShapeRecord): boolean {
  const [years, days] = order === 'ymd' ? [firsts.size, lasts.size] : [lasts.size, firsts.size];
  return years >= CLEARLY_MORE && years >= CLEARLY_MORE * days;
}

const EXCEL_DAY = /^\d{1,6}(\.\d+)?$/;
const DAY_MS = 86_400_000;
/** Excel's day 0, two days before 1900 because it believes in 29 February 1900. */
const EXCEL_EPOCH = Date.UTC(1899, 11, 30);

/** How to read each date of a column. */
export interface DateRule {
  readonly reading: DateReading;
  readonly asked: DateFormat | undefined;
  readonly firstDay: string | undefined;
}

/** A date as YYYY-MM-DD; undefined if it is none in the column's order. */
export function readDate(text: string, { reading, asked, firstDay }: DateRule): string | undefined {
  if (asked === 'excel' && EXCEL_DAY.test(text))
    return isoDay(EXCEL_EPOCH + Math.floor(Number(text)) * DAY_MS);
  if (firstDay !== undefined && /^\d{1,5}$/.test(text)) {
    return isoDay(Date.parse(firstDay) + (Number(text) - 1) * DAY_MS);
  }
  const parts = writtenDate(withoutTime(text).date);
  if (parts === undefined) return undefined;
  const order = reading.orders.get(parts.shape);
  return order === undefined ? undefined : dateIn(order, parts);
}

function isoDay(milliseconds: number): string | undefined {
  const date = new Date(milliseconds);
  return isValidDate(date.getUTCFullYear(), date.getUTCMonth() + 1, date.getUTCDate())
    ? date.toISOString().slice(0, 10)
    : undefined;
}

/** Whether there is such a day, in the years that MySQL's DATE supports. */
function isValidDate(year: number, month: number, day: number): boolean {
  if (!(year >= 1000 && year <= 9999 && month >= 1 && month <= 12 && day >= 1)) return false;
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}
