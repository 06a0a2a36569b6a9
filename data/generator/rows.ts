import {
  calendarDays,
  DAYS,
  drawWeather,
  type GeneratedDay,
  type Season,
  type Weather,
} from './calendar-days.ts';
import {
  type Category,
  categoryProfiles,
  type Product,
  products,
  type Region,
  type Store,
  stores,
} from './catalogue.ts';
import { type RandomStream, randomStream } from './random-stream.ts';
import { LEAD_DAYS, type StockFlow, stockFlow } from './stock-flow.ts';

/** One row of the data set: one product in one store on one date. Money has at most two decimals. */
export interface DatasetRow {
  readonly date: string;
  readonly storeId: string;
  readonly productId: string;
  readonly category: Category;
  readonly region: Region;
  readonly inventoryLevel: number;
  readonly unitsSold: number;
  readonly unitsOrdered: number;
  readonly demandForecast: number;
  readonly price: number;
  /** Percent. */
  readonly discount: number;
  readonly weather: Weather;
  readonly isPromotion: boolean;
  readonly competitorPricing: number;
  readonly season: Season;
  /** Units that would have been sold from a full shelf. No column of the file: where all is sold, nobody knows it. */
  readonly demand: number;
}

const STORES = 5;
const NOISE = 0.11;
/** A planner's stock on the morning of a delivery, in days of expected sales; and how wrongly that is judged. */
const [LEAST_COVER, MOST_COVER] = [1.8, 3.4];
const [LEAST_JUDGED, MOST_JUDGED] = [0.85, 1.15];
/** As in the original. */
const MOST_SOLD = 499;
const LOCAL_WEATHER = 0.2;
/** A product that sits out a promotion, and one that is promoted on its own. */
const PROMOTION_OPT_OUT = 0.1;
const LOCAL_PROMOTION = 0.03;

/**
 * The rows of a seed, ordered by date, store and product: the same ones on every machine.
 *
 * @param scale Times 5 stores, 1 to 199. The first five are the same at every scale.
 */
export function* generateRows(seed: number, scale = 1): Generator<DatasetRow> {
  const catalogue = products(seed);
  const days = calendarDays(seed);
  const branches = stores(seed, STORES * scale).map((store, index) =>
    branch(store, catalogue, { isFirst: index === 0, random: randomStream(seed, store.id), days }),
  );
  for (const day of days) {
    for (const rowsOf of branches) yield* rowsOf(day);
  }
}

/** A store through time: its rows of each day, called day by day. */
function branch(
  store: Store,
  catalogue: readonly Product[],
  { isFirst, random, days }: { isFirst: boolean; random: RandomStream; days: readonly GeneratedDay[] },
): (day: GeneratedDay) => DatasetRow[] {
  const shelves = catalogue.map((product, index) => {
    // The first row of a date represents the date in the calendar, so it never deviates from it.
    return shelf(store, product, { followsDate: isFirst && index === 0, random, days });
  });
  return (day) => {
    const weather = !isFirst && random.chance(LOCAL_WEATHER) ? drawWeather(random, day.season) : day.weather;
    return shelves.map((rowOf) => rowOf(day, weather));
  };
}

/** One product in one store through time. */
function shelf(
  store: Store,
  product: Product,
  {
    followsDate,
    random,
    days,
  }: { followsDate: boolean; random: RandomStream; days: readonly GeneratedDay[] },
): (day: GeneratedDay, weather: Weather) => DatasetRow {
  const demand = demandOf(store, product, random);
  const priceTag = keptForDays(
    random,
    [14, 28],
    () => product.referencePrice * (1 + random.between(-0.12, 0.12)),
  );
  const discountTag = keptForDays(random, [3, 7], () => random.pick([0, 5, 10, 15, 20]));
  let stock: StockFlow | undefined;
  return (day, weather) => {
    const price = cents(priceTag() * (1 + random.between(-0.12, 0.12)));
    const discount = discountTag();
    const deviates = random.chance(day.isPromotion ? PROMOTION_OPT_OUT : LOCAL_PROMOTION) && !followsDate;
    const isPromotion = deviates ? !day.isPromotion : day.isPromotion;
    const expected = demand(day, { price, discount, weather, isPromotion });
    const cover = random.between(LEAST_COVER, MOST_COVER);
    // What a planner expects of the days ahead: today's price tag, no particular weather, the promotions of the calendar.
    const planned = (ahead: number): number => {
      const coming = days[day.index + ahead] ?? day;
      return demand(coming, { price, discount, weather: 'Cloudy', isPromotion: coming.isPromotion });
    };
    stock ??= stockFlow(daysFrom(0).map(planned), cover);
    const inventoryLevel = stock.open();
    const wanted = Math.min(Math.round(expected * Math.exp(random.normal(NOISE))), MOST_SOLD);
    const unitsSold = Math.min(wanted, inventoryLevel);
    const misjudged = random.between(LEAST_JUDGED, MOST_JUDGED);
    return {
      date: day.date,
      storeId: store.id,
      productId: product.id,
      category: product.category,
      region: store.region,
      inventoryLevel,
      unitsSold,
      unitsOrdered: stock.close(unitsSold, daysFrom(1).map(planned), cover * misjudged),
      demandForecast: cents(unitsSold + random.between(-9.99, 19.55)),
      price,
      discount,
      weather,
      isPromotion,
      competitorPricing: cents(clamp(price + random.between(-5, 5), 5.03, 104.94)),
      season: day.season,
      demand: wanted,
    };
  };
}

/** The days that an order has to bridge, counted from today. */
function daysFrom(first: number): number[] {
  return Array.from({ length: LEAD_DAYS + 1 }, (_, index) => first + index);
}

/** A value that is drawn again every few days. */
function keptForDays(
  random: RandomStream,
  [fewest, most]: readonly [number, number],
  draw: () => number,
): () => number {
  let daysLeft = 0;
  let value = 0;
  return () => {
    if (daysLeft === 0) {
      value = draw();
      daysLeft = random.integer(fewest, most);
    }
    daysLeft -= 1;
    return value;
  };
}

function clamp(value: number, low: number, high: number): number {
  return Math.min(Math.max(value, low), high);
}

/** Rounded to two decimals. */
function cents(value: number): number {
  return Math.round(value * 100) / 100;
}

/** What one sale's demand depends on besides the date, the store and the product. */
export interface DemandFactors {
  readonly price: number;
  /** Percent. */
  readonly discount: number;
  readonly weather: Weather;
  readonly isPromotion: boolean;
}

/** Expected units of one product in one store. */
type Demand = (day: GeneratedDay, offer: DemandFactors) => number;

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
function demandOf(store: Store, product: Product, random: RandomStream): Demand {
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
