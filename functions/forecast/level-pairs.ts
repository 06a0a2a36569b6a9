/** The pairs that forecasts of all levels are made from: every store and product on the same days. */

import { type ProductSale, salesUpTo } from '../../shared/analytics/product-sale.ts';
import { demandSeries } from '../../shared/forecast/censored-demand.ts';
import { dailySeries, daysBetween } from '../../shared/forecast/demand-day.ts';
import { MIN_FORECAST_DAYS } from '../../shared/forecast/demand-forecast.ts';
import { dailyOffers } from '../../shared/forecast/offers.ts';
import type { PairSeries } from '../../shared/forecast/reconciliation/hierarchy.ts';
import { storeHistory, storeOffers, tooFewDays } from '../../shared/history/scope.ts';

/** A pair with what it sold, as answers show it; demand of sold-out days is estimated. */
export interface Pair extends PairSeries {
  readonly sold: readonly number[];
}

/** A product's sales, ascending by date. */
export interface ProductSales {
  readonly id: string;
  readonly sales: readonly ProductSale[];
}

/** The pairs up to a date, without the days before the first sale. @throws HttpProblem `not_found` with too few days. */
export function pairsUpTo(
  products: readonly ProductSales[],
  cutoff: string | null,
): { readonly pairs: readonly Pair[]; readonly lastDate: string } {
  const inScope = products
    .map(({ id, sales }) => ({ id, sales: salesUpTo(sales, cutoff) }))
    .filter(({ sales }) => sales.length > 0);
  const dates = inScope.flatMap(({ sales }) => [sales[0]?.date ?? '', sales.at(-1)?.date ?? '']).sort();
  const [firstDate = ''] = dates;
  const lastDate = dates.at(-1) ?? '';
  const whole = inScope.flatMap((product) => pairsOf(product, firstDate, lastDate));
  const pairs = sinceFirstSale(whole);
  const days = pairs[0]?.units.length ?? 0;
  if (days < MIN_FORECAST_DAYS) throw tooFewDays(MIN_FORECAST_DAYS, days);
  return { pairs, lastDate };
}

/** The pairs of a product on the days from a first to a last date; a date without a row is a day without sales. */
function pairsOf({ id: productId, sales }: ProductSales, firstDate: string, lastDate: string): Pair[] {
  return [...new Set(sales.map(({ storeId }) => storeId))].sort().map((storeId) => {
    const history = storeHistory({ sales, upTo: lastDate }, storeId);
    const offers = dailyOffers(storeOffers({ sales, upTo: lastDate }, storeId));
    const before = daysBetween(firstDate, history[0]?.date ?? firstDate);
    const padded = (values: ArrayLike<number>, keepsFirst: boolean): number[] => [
      ...new Array<number>(before).fill(keepsFirst ? Number(values[0]) : 0),
      ...Array.from(values),
    ];
    return {
      storeId,
      productId,
      units: padded(demandSeries(history), false),
      sold: padded(dailySeries(history), false),
      offers: offers && {
        logPrices: Float64Array.from(padded(offers.logPrices, true)),
        promotions: Float64Array.from(padded(offers.promotions, true)),
      },
    };
  });
}

/** Without the days before the first sale of any pair, as far as enough days are left. */
function sinceFirstSale(pairs: readonly Pair[]): Pair[] {
  const days = pairs[0]?.units.length ?? 0;
  const firsts = pairs.map(({ units }) => units.findIndex((each) => each > 0)).filter((day) => day >= 0);
  const first = Math.max(Math.min(...firsts, days - MIN_FORECAST_DAYS), 0);
  return pairs.map((pair) => ({
    ...pair,
    units: pair.units.slice(first),
    sold: pair.sold.slice(first),
    offers: pair.offers && {
      logPrices: pair.offers.logPrices.slice(first),
      promotions: pair.offers.promotions.slice(first),
    },
  }));
}
