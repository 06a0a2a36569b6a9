import { entityId } from '../api/sales.ts';
import type { ColumnDefinition } from './columns.ts';
import { type DateRule, ORDER_NAMES, readDate } from './dates.ts';
import { type DecimalSign, plainNumber, twoDecimals, wholeNumber } from './numbers.ts';

/** Why a value can't be loaded. */
export interface CellRefusal {
  readonly reason: string;
  readonly remedy: string | null;
}

/** A value as MySQL reads it, null for a missing one, or why it can't be loaded. */
export type DatasetCell = string | null | CellRefusal;

/** Reads the values of one column. Their text has no spaces around it. */
export type CellReader = (text: string) => DatasetCell;

/** How the values of a file are to be read. */
export interface CellRules {
  readonly dates: DateRule;
  readonly sign: DecimalSign;
  readonly discount: 'percent' | 'fraction';
  /** Units below zero are returns. */
  readonly returns: boolean;
  readonly round: boolean;
  /** Amounts are summed before they are rounded, so they may have more decimals. */
  readonly sum: boolean;
}

/** Whether a value can't be loaded. */
export function isRefusal(cell: DatasetCell): cell is CellRefusal {
  return typeof cell === 'object' && cell !== null;
}

const MAX_INT = 2_147_483_647;
const MAX_MONEY = 99_999_999.99;
const MAX_FORECAST = 9_999_999_999.99;
/** What programs write for a number or a flag that is missing. */
const MISSING = /^(?:|n\/?a|#n\/a|nan|null|none|nil|-|\\n|\?)$/i;
/** The replacement for bytes that are not text in the file's encoding. */
const NOT_TEXT = '\ufffd';
const LABEL = /^[^\p{Cc}\p{Cs}\ufffd]*$/u;
const MAX_LABEL = 50;
const FLAGS: ReadonlyMap<string, string> = new Map(
  ['0', 'false', 'no', 'n', 'f', '1', 'true', 'yes', 'y', 't'].map((text, index) => [
    text,
    index < 5 ? '0' : '1',
  ]),
);

const ROUND = 'Add --round to round them.';
const ENCODING =
  'The file is not UTF-8: add --encoding latin1, or the encoding it has, or save it as "CSV UTF-8".';

/** A reader for a column. */
export function cellReader({ kind, key, required }: ColumnDefinition, rules: CellRules): CellReader {
  switch (kind) {
    case 'date':
      return cached(dateReader(rules.dates));
    case 'id':
      return cached(readId);
    case 'label':
      return cached(readLabel);
    case 'flag':
      return cached(flagReader(rules));
    case 'units':
      return optional(required, unitsReader(rules, key === 'units' && rules.returns));
    case 'forecast':
      return optional(required, decimalReader(rules, -MAX_FORECAST, MAX_FORECAST));
    case 'money':
      return optional(required, decimalReader(rules, 0, MAX_MONEY));
    case 'discount':
      return optional(required, cached(discountReader(rules)));
  }
}

/** More distinct values than a column of ids, dates or labels has; bounds the memory for other files. */
const MAX_CACHED = 20_000;

/** Caches what was read: the same few values recur in every row. */
function cached(read: CellReader): CellReader {
  const known = new Map<string, DatasetCell>();
  return (text) => {
    const before = known.get(text);
    if (before !== undefined) return before;
    const cell = read(text);
    if (known.size < MAX_CACHED) known.set(text, cell);
    return cell;
  };
}

function optional(required: boolean, read: CellReader): CellReader {
  if (required) return read;
  return (text) => (MISSING.test(text) ? null : read(text));
}

/** Whether nothing was written where something is needed. */
export function isMissing(text: string): boolean {
  return MISSING.test(text);
}

function dateReader(rule: DateRule): CellReader {
  const orders = new Set(rule.asked === 'excel' ? ['excel' as const] : rule.reading.orders.values());
  const [only, ...others] = [...orders].filter((order) => order !== 'ymd');
  const form = only === undefined || others.length > 0 ? 'YYYY-MM-DD' : ORDER_NAMES[only];
  const refusal = { reason: `must be a date that exists, as ${form}`, remedy: null };
  const dayNumber = {
    reason: refusal.reason,
    remedy: "If these are Excel's day numbers, add --date-format excel.",
  };
  return (text) => readDate(text, rule) ?? (/^\d{5}(\.\d+)?$/.test(text) ? dayNumber : refusal);
}

const WRONG_ID: CellRefusal = {
  reason: 'must be 1 to 64 characters without control characters',
  remedy: null,
};

function readId(text: string): DatasetCell {
  if (entityId.safeParse(text).success) return text;
  return text.includes(NOT_TEXT) ? { reason: 'is not text in this encoding', remedy: ENCODING } : WRONG_ID;
}

const WRONG_LABEL: CellRefusal = {
  reason: `must be at most ${MAX_LABEL} characters of text without control characters`,
  remedy: 'Shorten them, or leave the column out in a mapping: {"columns": {"category": null}}.',
};

function readLabel(text: string): DatasetCell {
  if (text === '') return null;
  if (text.includes(NOT_TEXT)) return { reason: `${WRONG_LABEL.reason}`, remedy: ENCODING };
  return LABEL.test(text) && [...text].length <= MAX_LABEL ? text : WRONG_LABEL;
}

function flagReader({ sign }: CellRules): CellReader {
  const refusal = { reason: 'must be 0 or 1', remedy: null };
  return (text) => {
    if (MISSING.test(text)) return null;
    const plain = plainNumber(text, sign);
    const number = plain === undefined ? text.toLowerCase() : (wholeNumber(plain, false) ?? text);
    return FLAGS.get(number) ?? refusal;
  };
}

/** A flag that is set where a number is greater than a limit. */
export function aboveReader(limit: number, rules: CellRules): CellReader {
  const flag = flagReader(rules);
  return (text) => {
    const plain = plainNumber(text, rules.sign);
    if (plain === undefined) return flag(text);
    return Number(plain) > limit ? '1' : '0';
  };
}

function unitsReader({ sign, round }: CellRules, returns: boolean): CellReader {
  const reason = `must be a whole number from ${returns ? -MAX_INT : 0} to ${MAX_INT}`;
  const refusal = { reason, remedy: null };
  const fraction = { reason, remedy: ROUND };
  const negative = {
    reason,
    remedy: 'If these are returns, add --returns net to deduct them or --returns drop to leave them out.',
  };
  return (text) => {
    const plain = plainNumber(text, sign);
    if (plain === undefined) return refusal;
    const value = Number(plain);
    if (Math.abs(value) > MAX_INT) return refusal;
    if (value < 0 && !returns) return negative;
    return wholeNumber(plain, round) ?? fraction;
  };
}

function decimalReader({ sign, round, sum }: CellRules, lowest: number, highest: number): CellReader {
  const reason = `must be a number from ${lowest} to ${highest} with at most two decimals`;
  const refusal = { reason, remedy: null };
  const decimals = { reason, remedy: ROUND };
  return (text) => {
    const plain = plainNumber(text, sign);
    if (plain === undefined) return refusal;
    const value = Number(plain);
    if (!(value >= lowest && value <= highest)) return refusal;
    return twoDecimals(plain, round) ?? (sum ? sixDecimals(value) : decimals);
  };
}

function discountReader(rules: CellRules): CellReader {
  const percent = decimalReader(rules, 0, 100);
  return (text) => {
    if (text.endsWith('%')) return percent(text.slice(0, -1).trimEnd());
    if (rules.discount === 'percent') return percent(text);
    const plain = plainNumber(text, rules.sign);
    const value = Number(plain);
    if (plain === undefined || !(value >= 0 && value <= 1)) {
      return { reason: 'must be a fraction from 0 to 1', remedy: null };
    }
    return twoDecimals(String(value * 100), true) ?? null;
  };
}

/** For amounts that are still summed. */
export function sixDecimals(value: number): string {
  return value.toFixed(6).replace(/\.?0+$/, '');
}
