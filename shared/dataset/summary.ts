import { MAX_CALENDAR_DAYS } from '../api/simulation.ts';
import {
  COLUMN_DEFINITIONS,
  type ColumnKey,
  DATASET_COLUMNS,
  type DatasetColumn,
  type TableRow,
} from './columns.ts';
import type { FoundProblem } from './errors.ts';

/** Summary of a file: the dimensions, from the first row of each key, and the sales of each day. */
export interface DatasetSummary {
  /** Sales: one for each day, store and product. */
  readonly rows: number;
  /** Lines that they were made of; as many, unless lines are summed. */
  readonly lines: number;
  /** Pairs of store and product. */
  readonly pairs: number;
  /** Columns that have no value in any line. */
  readonly missing: ReadonlySet<DatasetColumn>;
  /** Ascending by date. */
  readonly days: readonly CalendarDay[];
  /** Region by store id. */
  readonly stores: ReadonlyMap<string, string | null>;
  /** Category by product id. */
  readonly products: ReadonlyMap<string, string | null>;
}

export interface CalendarDay {
  readonly date: string;
  readonly weather: string | null;
  readonly isPromotion: string | null;
  readonly seasonality: string | null;
  readonly sales: number;
}

/** Collects rows one by one. Its memory grows with days, stores and products, not with rows. */
export interface SummaryCollector {
  /** Adds a row. @returns why it can't be added: its key is a duplicate, or there are too many keys; else undefined. */
  add(row: TableRow): Misfit | undefined;
  summary(): DatasetSummary;
}

type Misfit = Pick<FoundProblem, 'reason' | 'remedy'>;

/** Pairs of store and product; each day has a bit for every one of them. */
const MAX_PAIRS = 100_000;

const REPEATED: Misfit = {
  reason: 'repeats the date, store and product of an earlier line',
  remedy: 'If a day has several lines for a store and product, add --sum to add them up.',
};
const TOO_MANY_PAIRS: Misfit = {
  reason: `is the first of more than ${MAX_PAIRS} pairs of store and product`,
  remedy: 'Take fewer stores, or a coarser product such as its category, in a mapping (--map).',
};
const TOO_MANY_DATES: Misfit = {
  reason: `has the first of more than ${MAX_CALENDAR_DAYS} dates`,
  remedy: null,
};

interface DayInProgress extends CalendarDay {
  sales: number;
  seen: Uint8Array;
}

const [DATE, STORE, PRODUCT] = [indexOf('date'), indexOf('store'), indexOf('product')];
const [CATEGORY, REGION] = [indexOf('category'), indexOf('region')];
const [WEATHER, PROMOTION, SEASON] = [indexOf('weather'), indexOf('promotion'), indexOf('season')];

function indexOf(key: ColumnKey): number {
  return COLUMN_DEFINITIONS.findIndex((definition) => definition.key === key);
}

/** Starts the summary of a file. @param sum Whether lines of the same day, store and product are one sale. */
export function collectSummary({ sum }: { readonly sum: boolean }): SummaryCollector {
  const days = new Map<string, DayInProgress>();
  const stores = new Map<string, string | null>();
  const products = new Map<string, string | null>();
  const pairs = new Map<string, number>();
  const missing = new Map(DATASET_COLUMNS.map((column, position) => [column, position]));
  let [rows, lines] = [0, 0];

  function add(row: TableRow): Misfit | undefined {
    const [date, store, product] = [row[DATE] ?? '', row[STORE] ?? '', row[PRODUCT] ?? ''];
    // No id contains a control character.
    const pair = numberOf(pairs, `${store}\u001f${product}`);
    if (pair >= MAX_PAIRS) return TOO_MANY_PAIRS;
    const day = days.get(date) ?? beginDay(days, date, row);
    if (days.size > MAX_CALENDAR_DAYS) return TOO_MANY_DATES;
    const isFirst = markSeen(day, pair);
    if (!isFirst && !sum) return REPEATED;
    if (!stores.has(store)) stores.set(store, row[REGION] ?? null);
    if (!products.has(product)) products.set(product, row[CATEGORY] ?? null);
    lines += 1;
    for (const [column, position] of missing) if (row[position] !== null) missing.delete(column);
    if (!isFirst) return undefined;
    day.sales += 1;
    rows += 1;
    return undefined;
  }

  return {
    add,
    summary: () => ({
      rows,
      lines,
      pairs: pairs.size,
      missing: new Set(missing.keys()),
      days: [...days.values()].sort(byDate),
      stores,
      products,
    }),
  };
}

function byDate(a: CalendarDay, b: CalendarDay): number {
  return a.date < b.date ? -1 : 1;
}

/** Beyond the limit all keys have the number after the last, so that memory stays bounded. */
function numberOf(numbers: Map<string, number>, key: string): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  if (numbers.size >= MAX_PAIRS) return MAX_PAIRS;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
}

function beginDay(days: Map<string, DayInProgress>, date: string, row: TableRow): DayInProgress {
  const day = {
    date,
    weather: row[WEATHER] ?? null,
    isPromotion: row[PROMOTION] ?? null,
    seasonality: row[SEASON] ?? null,
    sales: 0,
    seen: new Uint8Array(32),
  };
  if (days.size <= MAX_CALENDAR_DAYS) days.set(date, day);
  return day;
}

/** @returns false if the day already has this pair. */
function markSeen(day: DayInProgress, pair: number): boolean {
  const index = pair >> 3;
  const bit = 1 << (pair & 7);
  if (index >= day.seen.length) day.seen = enlarged(day.seen, index);
  const flags = day.seen[index] ?? 0;
  if (flags & bit) return false;
  day.seen[index] = flags | bit;
  return true;
}

function enlarged(flags: Uint8Array, index: number): Uint8Array {
  const larger = new Uint8Array(Math.max(index + 1, flags.length * 2));
  larger.set(flags);
  return larger;
}
