/** What customers were offered on each day, and what is planned: the net price and whether the product is promoted. */

import { MAX_HORIZON, type ModelName } from '../api/forecast-models.ts';
import type { Offers } from './models/forecast-model.ts';

/** The offer of one day. */
export interface Offer {
  /** What a customer pays for one unit, above 0. */
  readonly netPrice: number;
  readonly isPromoted: boolean;
}

/** An offer with its date; null where the data set doesn't say. */
export interface OfferDay {
  /** `YYYY-MM-DD`. */
  readonly date: string;
  readonly netPrice: number | null;
  readonly isPromoted: boolean | null;
}

/** The offers of a series and of the days after it. */
export interface OfferPlan {
  /** One entry per day of the series. */
  readonly past: Offers;
  /** By step ahead; null, and a step beyond the end, means as on the last known day. */
  readonly ahead: readonly (Offer | null)[];
}

const DAY_MS = 86_400_000;

/**
 * The offers of every day from the first to the last date. A day without a known price keeps the price before it, and a
 * day without a known flag has no promotion; days before the first known price have that one.
 *
 * @param days ascending by date, each date once
 * @returns null if no price above 0 is known
 */
export function dailyOffers(days: readonly OfferDay[]): Offers | null {
  const [first] = days;
  const last = days.at(-1);
  const firstPrice = days.find(({ netPrice }) => isPrice(netPrice))?.netPrice;
  if (first === undefined || last === undefined || !isPrice(firstPrice)) return null;
  const start = Date.parse(first.date);
  const count = (Date.parse(last.date) - start) / DAY_MS + 1;
  const logPrices = new Float64Array(count).fill(Number.NaN);
  const promotions = new Float64Array(count);
  for (const { date, netPrice, isPromoted } of days) {
    const day = (Date.parse(date) - start) / DAY_MS;
    if (isPrice(netPrice)) logPrices[day] = Math.log(netPrice);
    promotions[day] = isPromoted === true ? 1 : 0;
  }
  let known = Math.log(firstPrice);
  for (let day = 0; day < count; day++) {
    if (Number.isNaN(logPrices[day])) logPrices[day] = known;
    else known = Number(logPrices[day]);
  }
  return { logPrices, promotions };
}

function isPrice(price: number | null | undefined): price is number {
  return typeof price === 'number' && price > 0;
}

/** The offers from a day of the series on. */
export function offersSince({ past, ahead }: OfferPlan, day: number): OfferPlan {
  return {
    past: { logPrices: past.logPrices.subarray(day), promotions: past.promotions.subarray(day) },
    ahead,
  };
}

/**
 * The offers as they are known at an origin, for the days before it and {@link MAX_HORIZON} days from it on. A step that is
 * planned for the real forecast has what was really offered, as if it had been planned then too; any other step has the
 * offer of the day before the origin. So a backtest judges forecasts that know exactly as much as the real one.
 *
 * @param origin 1 to the number of days of the series
 */
export function offersAt({ past, ahead }: OfferPlan, origin: number): Offers {
  const logPrices = new Float64Array(origin + MAX_HORIZON);
  const promotions = new Float64Array(origin + MAX_HORIZON);
  logPrices.set(past.logPrices.subarray(0, origin));
  promotions.set(past.promotions.subarray(0, origin));
  logPrices.fill(Number(past.logPrices[origin - 1]), origin);
  promotions.fill(Number(past.promotions[origin - 1]), origin);
  ahead.slice(0, MAX_HORIZON).forEach((offer, step) => {
    if (offer === null) return;
    const day = origin + step;
    const isPast = day < past.logPrices.length;
    logPrices[day] = isPast ? Number(past.logPrices[day]) : Math.log(offer.netPrice);
    promotions[day] = isPast ? Number(past.promotions[day]) : Number(offer.isPromoted);
  });
  return { logPrices, promotions };
}

/** Changes of ln price below this are rounding. */
const LEAST_CHANGE = 1e-6;

/** Whether price or promotion ever changed. */
export function offersVary({ logPrices, promotions }: Offers): boolean {
  return (
    logPrices.some((price) => Math.abs(price - Number(logPrices[0])) > LEAST_CHANGE) ||
    promotions.some((promotion) => promotion !== promotions[0])
  );
}

/**
 * What a plan asks of a forecast that the past can't answer, in sentences: net prices or a promotion that were never seen, or
 * a model that ignores the plan. None without planned days.
 */
export function planWarnings({ past, ahead }: OfferPlan, model: ModelName): string[] {
  const planned = ahead.filter((offer) => offer !== null);
  if (planned.length === 0) return [];
  if (model !== 'regression') {
    return [`The plan doesn’t change this forecast: the model ${model} ignores prices and promotions.`];
  }
  const prices = planned.map(({ netPrice }) => netPrice);
  const lowest = Math.exp(past.logPrices.reduce((one, other) => Math.min(one, other)));
  const highest = Math.exp(past.logPrices.reduce((one, other) => Math.max(one, other)));
  const seen = `all that were seen, ${lowest.toFixed(2)} to ${highest.toFixed(2)}: demand there is extrapolated.`;
  const warnings: string[] = [];
  if (Math.min(...prices) < lowest * (1 - LEAST_CHANGE)) {
    warnings.push(`A planned net price, ${Math.min(...prices).toFixed(2)}, is below ${seen}`);
  }
  if (Math.max(...prices) > highest * (1 + LEAST_CHANGE)) {
    warnings.push(`A planned net price, ${Math.max(...prices).toFixed(2)}, is above ${seen}`);
  }
  if (planned.some(({ isPromoted }) => isPromoted) && past.promotions.every((share) => share === 0)) {
    warnings.push('A promotion is planned, but none was seen yet: its effect is unknown and counts as none.');
  }
  return warnings;
}
