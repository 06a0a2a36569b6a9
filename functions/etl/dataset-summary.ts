import { MAX_CALENDAR_DAYS } from '../../shared/api/simulation.ts';
import type { RowFields } from './csv-row.ts';

/** Summary of a file: the dimensions, from the first row of each key, and the sales of each day. */
export interface DatasetSummary {
  readonly rows: number;
  /** Ascending by date. */
  readonly days: readonly CalendarDay[];
  /** Region by store id. */
  readonly stores: ReadonlyMap<string, string>;
  /** Category by product id. */
  readonly products: ReadonlyMap<string, string>;
}

export interface CalendarDay {
  readonly date: string;
  readonly weather: string;
  readonly isPromotion: string;
  readonly seasonality: string;
  readonly sales: number;
}

/** Collects rows one by one. Its memory grows with days, stores and products, not with rows. */
export interface SummaryCollector {
  /** Adds a row. @returns why it can't be added: its key is a duplicate, or there are too many keys; else undefined. */
  add(row: RowFields): string | undefined;
  summary(): DatasetSummary;
}

/** Pairs of store and product; each day has a bit for every one of them. */
const MAX_SERIES = 100_000;

interface DayInProgress extends CalendarDay {
  sales: number;
  seen: Uint8Array;
}

/** Starts the summary of a file. */
export function collectSummary(): SummaryCollector {
  const days = new Map<string, DayInProgress>();
  const stores = new Map<string, string>();
  const products = new Map<string, string>();
  const seriesNumbers = new Map<string, number>();
  let rows = 0;

  function add(row: RowFields): string | undefined {
    const [date, store, product, category, region] = row;
    const series = numberOf(seriesNumbers, `${store} ${product}`);
    if (series >= MAX_SERIES) return `is the first of more than ${MAX_SERIES} pairs of store and product`;
    const day = days.get(date) ?? beginDay(days, row);
    if (days.size > MAX_CALENDAR_DAYS) return `has the first of more than ${MAX_CALENDAR_DAYS} dates`;
    if (!markSeen(day, series)) return `repeats the date, store and product of an earlier line`;
    if (!stores.has(store)) stores.set(store, region);
    if (!products.has(product)) products.set(product, category);
    day.sales += 1;
    rows += 1;
    return undefined;
  }

  return {
    add,
    summary: () => ({ rows, days: [...days.values()].sort(byDate), stores, products }),
  };
}

function byDate(a: CalendarDay, b: CalendarDay): number {
  return a.date < b.date ? -1 : 1;
}

function numberOf(numbers: Map<string, number>, key: string): number {
  const known = numbers.get(key);
  if (known !== undefined) return known;
  numbers.set(key, numbers.size);
  return numbers.size - 1;
}

function beginDay(days: Map<string, DayInProgress>, row: RowFields): DayInProgress {
  const [date, , , , , , , , , , , weather, isPromotion, , seasonality] = row;
  const day = { date, weather, isPromotion, seasonality, sales: 0, seen: new Uint8Array(32) };
  days.set(date, day);
  return day;
}

/** @returns false if the day already has this series. */
function markSeen(day: DayInProgress, series: number): boolean {
  const index = series >> 3;
  const bit = 1 << (series & 7);
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
