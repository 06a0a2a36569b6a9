import { runningForecast } from './running-forecast.ts';

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

/**
 * What would have been sold on days that sold out. Units equal to the stock are a lower bound of demand ("censored"); a
 * model that treats them as demand learns to expect less, orders less, and sells out more often.
 *
 * Each such day becomes the mean of demand given that it was at least what was sold: the expectation step of the EM
 * algorithm for censored normals (Dempster, Laird & Rubin, "Maximum likelihood from incomplete data via the EM algorithm",
 * JRSS B 39(1), 1977, section 4.2; for lost sales Nahmias, "Demand estimation in lost sales inventory systems", Naval
 * Research Logistics 41(6), 1994). What is expected of a day comes from the days before it alone (Wecker, "Predicting
 * demand from sales data in the presence of stockouts", Management Science 24(10), 1978), so a backtest may use the result.
 */

/** Smoothing rate of squared relative errors. */
const SPREAD_RATE = 0.05;
const FIRST_SPREAD = 0.3;
/** Relative errors beyond this count as this much. */
const MOST_ERROR = 2;
/** Standard deviations beyond which the normal's tail is computed by its first term. */
const FAR = 5;

/**
 * Returns the estimated demand of every day from the first to the last date; a date without a row is a day without demand.
 *
 * @param history ascending by date, each date once
 */
export function demandSeries(history: readonly DemandDay[]): readonly number[] {
  const soldOut = dailySeries(history.map(({ date, sold_out }) => ({ date, units_sold: Number(sold_out) })));
  return uncensored(
    dailySeries(history),
    soldOut.map((flag) => flag === 1),
  );
}

/**
 * Returns the series with the units of sold-out days replaced by the demand to expect, never less than was sold. Days
 * of the first two weeks stay as they are, and so does everything in a series that never sold out.
 *
 * @param units per day, oldest first
 * @param soldOut whether all of the stock was sold; as long as `units`
 */
export function uncensored(units: readonly number[], soldOut: readonly boolean[]): readonly number[] {
  if (!soldOut.includes(true)) return units;
  const usual = runningForecast();
  let spread = FIRST_SPREAD ** 2;
  return units.map((sold, day) => {
    const mean = usual.next();
    const isLimited = mean !== null && soldOut[day] === true;
    const demand = isLimited ? atLeast(sold, mean, mean * Math.sqrt(spread)) : sold;
    const error = mean !== null && mean > 0 ? demand / mean - 1 : 0;
    if (mean !== null) spread += SPREAD_RATE * (Math.min(Math.abs(error), MOST_ERROR) ** 2 - spread);
    usual.learn(demand);
    return demand;
  });
}

/** Mean of a normal demand, given that it is at least what was sold; what was sold without a deviation. */
export function atLeast(sold: number, mean: number, deviation: number): number {
  if (!(deviation > 0)) return sold;
  const z = (sold - mean) / deviation;
  return Math.max(mean + deviation * meanAbove(z), sold);
}

/** Mean of a standard normal above z: φ(z) / (1 − Φ(z)), the inverse Mills ratio. */
function meanAbove(z: number): number {
  if (z > FAR) return z + 1 / z;
  if (z < -FAR) return 0;
  return density(z) / upperTail(z);
}

function density(z: number): number {
  return Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);
}

/** 1 − Φ(z), by Abramowitz & Stegun, "Handbook of Mathematical Functions", 26.2.17 (error below 7.5e-8). */
function upperTail(z: number): number {
  const t = 1 / (1 + 0.2316419 * Math.abs(z));
  const polynomial =
    t * (0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429))));
  const tail = density(z) * polynomial;
  return z >= 0 ? tail : 1 - tail;
}
