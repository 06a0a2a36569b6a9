import { type ProductSale, salesUpTo } from '../../shared/analytics/product-sale.ts';
import { HttpProblem } from '../../shared/api/errors.ts';
import { MAX_PAIRS } from '../../shared/api/forecast-models.ts';
import { dailySeries, daysBetween, demandSeries } from '../../shared/forecast/demand-day.ts';
import { MIN_FORECAST_DAYS } from '../../shared/forecast/demand-forecast.ts';
import { dailyOffers } from '../../shared/forecast/offers.ts';
import type { PairSeries } from '../../shared/forecast/reconciliation/hierarchy.ts';
import { storeHistory, storeOffers, tooFewDays } from '../../shared/history/scope.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';

/** The pairs that forecasts of all levels are made from: every store and product on the same days. */

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

/** Counts the data set's products in stores, those in one store, or the stores of one product; not further than a limit. */
export type CountPairs = (
  limit: number,
  of?: { readonly storeId?: string | undefined; readonly productId?: string | undefined },
) => Promise<number>;

/** Skips through the index `by_product`, with one entry read for each pair. */
const PAIRS =
  'SELECT COUNT(*) AS pairs FROM (SELECT 1 FROM sales_facts GROUP BY product_id, store_id LIMIT ?) known';

/** Values: the store, the limit. The table of products is short, and each of its rows asks for one entry of `by_product`. */
const PAIRS_OF_STORE = `
  SELECT COUNT(*) AS pairs
    FROM (SELECT 1
            FROM products p
           WHERE EXISTS (SELECT 1 FROM sales_facts f WHERE f.product_id = p.product_id AND f.store_id = ?)
           LIMIT ?) known`;

/** Values: the product, the limit. */
const PAIRS_OF_PRODUCT = `
  SELECT COUNT(*) AS pairs FROM (SELECT 1 FROM sales_facts WHERE product_id = ? GROUP BY store_id LIMIT ?) known`;

/** Counts in the newest data set. */
export function pairCounter(pool: Pool): CountPairs {
  return async (limit, { storeId, productId } = {}) => {
    const [row] =
      productId !== undefined
        ? await select<{ pairs: number }>(pool, PAIRS_OF_PRODUCT, [productId, limit])
        : storeId !== undefined
          ? await select<{ pairs: number }>(pool, PAIRS_OF_STORE, [storeId, limit])
          : await select<{ pairs: number }>(pool, PAIRS, [limit]);
    return Number(row?.pairs);
  };
}

/**
 * Each pair is a forecast of its own, about 15 ms of processor time, and an answer must come within the 29 s of API Gateway.
 *
 * @param pairs Counted up to at least one beyond the limit.
 * @param remedy What to ask instead.
 * @throws HttpProblem `invalid_request` if there are too many.
 */
export function requireFewPairs(pairs: number, field: string, remedy: string): void {
  if (pairs <= MAX_PAIRS) return;
  const message = `covers more than ${MAX_PAIRS} products in stores, which is the most for one request. ${remedy}`;
  throw new HttpProblem('invalid_request', `${field}: ${message}`, { fields: [{ field, message }] });
}
