/** Days of demand and the series that models work on. */

/** One day of a product's sales in a store. */
export interface DemandDay {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly units_sold: number;
  /** Whether all of the stock was sold, so that demand may have been higher. */
  readonly sold_out?: boolean;
}

/** One step of a flat forecast. */
export interface ForwardDay {
  /** 1 for the day after the last known one. */
  readonly day: number;
  readonly forecast_units: number;
}

const FORWARD_DAYS = 7;
const SHOWN_ACTUALS = 5;

/** The same forecast for each of the next seven days. */
export function flatWeek(units: number): ForwardDay[] {
  return Array.from({ length: FORWARD_DAYS }, (_, index) => ({ day: index + 1, forecast_units: units }));
}

/** The last five days of a history. */
export function lastActuals(history: readonly DemandDay[]): DemandDay[] {
  return history.slice(-SHOWN_ACTUALS).map(({ date, units_sold }) => ({ date, units_sold }));
}

const DAY_MS = 86_400_000;

/**
 * Returns the units of every day from the first to the last date. A date without a row counts as a day without sales:
 * models count days, so skipping a gap would shift the weekdays.
 *
 * @param history ascending by date, each date once
 * @returns units per day; empty for an empty history
 */
export function dailySeries(history: readonly DemandDay[]): number[] {
  const [first] = history;
  const last = history.at(-1);
  if (first === undefined || last === undefined) return [];
  const start = Date.parse(first.date);
  const units = new Array<number>((Date.parse(last.date) - start) / DAY_MS + 1).fill(0);
  for (const { date, units_sold } of history) units[(Date.parse(date) - start) / DAY_MS] = units_sold;
  return units;
}

/** Days from one date (`YYYY-MM-DD`) to another. */
export function daysBetween(from: string, to: string): number {
  return (Date.parse(to) - Date.parse(from)) / DAY_MS;
}

/**
 * Adds days to a date.
 *
 * @param date `YYYY-MM-DD`
 * @param days may be negative
 */
export function dateAfter(date: string, days: number): string {
  return new Date(Date.parse(date) + days * DAY_MS).toISOString().slice(0, 10);
}
