import type { CalendarDay, Weather } from './calendar-days.ts';
import { DAYS } from './calendar-days.ts';
import { categoryProfiles, type Product, type Store } from './catalogue.ts';
import type { RandomStream } from './random-stream.ts';

/** What one sale's demand depends on besides the date, the store and the product. */
export interface Offer {
  readonly price: number;
  /** Percent. */
  readonly discount: number;
  readonly weather: Weather;
  readonly isPromotion: boolean;
}

/** Expected units of one product in one store. */
export type Demand = (day: CalendarDay, offer: Offer) => number;

/** On the logarithm of demand, before a category's sensitivity. */
const weatherEffect: Readonly<Record<Weather, number>> = {
  Sunny: 0.04,
  Cloudy: 0,
  Rainy: -0.06,
  Snowy: -0.12,
};

/**
 * The demand of a product in a store (formula and sizes: docs/data.md):
 *
 *     ln demand = level(day) + week + year + elasticity · ln(price paid / reference price) + promotion + weather
 */
export function demandOf(store: Store, product: Product, random: RandomStream): Demand {
  const profile = categoryProfiles[product.category];
  const levels = levelByDay(Math.log(store.size * product.popularity), random);
  return (day, offer) => {
    const pricePaid = offer.price * (1 - offer.discount / 100);
    return Math.exp(
      (levels[day.index] ?? 0) +
        (profile.week[day.weekday] ?? 0) +
        profile.yearAmplitude * Math.cos((2 * Math.PI * (day.dayOfYear - profile.yearPeak)) / 365.25) +
        product.elasticity * Math.log(pricePaid / product.referencePrice) +
        (offer.isPromotion ? product.promotionUplift : 0) +
        weatherEffect[offer.weather] * profile.weatherSensitivity,
    );
  };
}

/** The level a series starts from, a slow trend, and up to two lasting shifts (a rival opens, a shelf is moved). */
function levelByDay(logBase: number, random: RandomStream): number[] {
  const start = logBase + random.normal(0.12);
  const trendPerDay = random.normal(0.08) / 365;
  const shifts = Array.from({ length: random.integer(0, 2) }, () => ({
    from: random.integer(60, DAYS - 60),
    size: random.between(0.1, 0.25) * (random.chance(0.5) ? 1 : -1),
  }));
  return Array.from({ length: DAYS }, (_, index) => {
    const shifted = shifts.reduce((sum, shift) => sum + (index >= shift.from ? shift.size : 0), 0);
    return start + trendPerDay * index + shifted;
  });
}
