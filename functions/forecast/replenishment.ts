import type { ProductSale } from '../../shared/analytics/product-sale.ts';
import { HttpProblem } from '../../shared/api/errors.ts';
import { MAX_HORIZON, MAX_PAIRS, type ModelName } from '../../shared/api/forecast-models.ts';
import { type ReplenishmentItem, readReplenishment } from '../../shared/api/replenishment.ts';
import { boundedCache } from '../../shared/bounded-cache.ts';
import { type DemandDay, dateAfter, demandSeries } from '../../shared/forecast/demand-day.ts';
import { type DemandPaths, daysForPaths, demandPaths } from '../../shared/forecast/demand-paths.ts';
import { roundDecimal } from '../../shared/forecast/numerics.ts';
import {
  dailyOffers,
  type Offer,
  type OfferDay,
  type OfferPlan,
  planWarnings,
} from '../../shared/forecast/offers.ts';
import {
  criticalRatio,
  type ReplenishmentPolicy,
  replenishment,
  type UnitCosts,
} from '../../shared/forecast/replenishment.ts';
import type { HistoryReader } from '../../shared/history/product-history.ts';
import {
  type CurrentDaySource,
  noData,
  type SalesScope,
  scopesReader,
  storeHistory,
  storeOffers,
  tooFewDays,
  versioned,
} from '../../shared/history/scope.ts';
import { implement, type RouteHandler } from '../../shared/http/route-handler.ts';
import { type Pool, select } from '../../shared/mysql/connection.ts';
import { type CountPairs, requireFewPairs } from './level-pairs.ts';

/** The data that orders are computed from. */
interface ReplenishmentSources {
  readonly history: HistoryReader;
  readonly store: CurrentDaySource;
  /** The data set's products, or those of one store, ascending. */
  readonly readProducts: (storeId?: string) => Promise<readonly string[]>;
  readonly countPairs: CountPairs;
}

/** Cached distributions of one pair, about 5 KB each: those of a data set of 100 pairs for several days and periods. */
const KEPT_PATHS = 2_000;
const DEFAULT_SERVICE_LEVEL = 0.95;

const REMEDY = 'Ask store by store (store_id), or product by product (product_id).';

/**
 * The route that recommends orders.
 *
 * @returns A handler that throws HttpProblem `not_found` for a pair without sales or with too few days, and `invalid_request`
 *   for more pairs than one request may forecast.
 */
export function replenishmentApi(sources: ReplenishmentSources): RouteHandler[] {
  const { history, store, readProducts, countPairs } = sources;
  const scopesOf = scopesReader(history, store);
  const cache = boundedCache<DemandPaths>(KEPT_PATHS);

  /** The distribution of a pair's next days, kept because service levels and costs don't change it. */
  function pathsOf(scope: SalesScope, pair: Pair, horizon: number, query: PlannedQuery): DemandPaths {
    const { store_id, product_id } = pair;
    const { price, discount, promotion } = query;
    const offer = [price, discount, promotion];
    const key = JSON.stringify([scope.key, scope.upTo, store_id, product_id, horizon, ...offer]);
    const known = cache.get(key);
    if (known !== undefined) return known;
    const paths = demandPaths(demandSeries(pair.history), horizon, planOf(query, pair));
    cache.set(key, paths);
    return paths;
  }

  return [
    implement(readReplenishment, async ({ query }) => {
      const policy = policyOf(query);
      const horizon = policy.leadDays + policy.reviewDays;
      const { store_id, product_id } = query;
      if (product_id === undefined || store_id === undefined) {
        const asked = await countPairs(MAX_PAIRS + 1, { storeId: store_id, productId: product_id });
        requireFewPairs(asked, product_id === undefined ? 'query.product_id' : 'query.store_id', REMEDY);
      }
      const products = product_id === undefined ? await readProducts(store_id) : [product_id];
      const scopeOf = scopesOf(query.day);
      let first: { readonly scope: SalesScope; readonly pair: Pair } | undefined;
      const items: ReplenishmentItem[] = [];
      let [skipped_pairs, knowsOrders] = [0, false];
      // One product after the other: the histories of all of them at once would take ten times the memory of their cache.
      for (const product of products) {
        const scope = await scopeOf(product, store_id);
        for (const pair of pairsOf(scope, product, store_id)) {
          first ??= { scope, pair };
          knowsOrders ||= pair.sales.some(({ ordered }) => ordered !== null);
          if (pair.history.length < daysForPaths(horizon)) skipped_pairs += 1;
          else items.push(itemOf(pair, pathsOf(scope, pair, horizon, query), policy));
        }
      }
      if (first === undefined) throw noData(product_id ?? 'any', store_id);
      const plan = isPlanned(query) ? planOf(query, first.pair) : undefined;
      const terms = termsOf(first.scope, policy, { knowsOrders, planned: plan?.ahead[0] });
      if (store_id === undefined || product_id === undefined) {
        const byStore = items.toSorted(
          (a, b) => compare(a.store_id, b.store_id) || compare(a.product_id, b.product_id),
        );
        return versioned(first.scope, {
          ...terms,
          items: byStore,
          skipped_pairs,
        });
      }
      const [item] = items;
      if (item === undefined) throw tooFewDays(daysForPaths(horizon), first.pair.history.length);
      const warnings = isPlanned(query) ? { warnings: warningsOf(plan, item.model) } : {};
      return versioned(first.scope, { ...terms, ...item, ...warnings });
    }),
  ];
}

interface Pair {
  readonly store_id: string;
  readonly product_id: string;
  readonly sales: readonly ProductSale[];
  /** Every day from the first sale to the last day in scope. */
  readonly history: readonly DemandDay[];
  readonly offers: readonly OfferDay[];
}

function pairsOf(scope: SalesScope, product_id: string, storeId: string | undefined): Pair[] {
  const stores = Map.groupBy(scope.sales, (sale) => sale.storeId);
  return [...stores]
    .filter(([store_id]) => storeId === undefined || store_id === storeId)
    .map(([store_id, sales]) => {
      const own = { sales, upTo: scope.upTo };
      const [history, offers] = [storeHistory(own, store_id), storeOffers(own, store_id)];
      return { store_id, product_id, sales, history, offers };
    });
}

interface PlannedQuery {
  readonly price?: number | undefined;
  readonly discount?: number | undefined;
  readonly promotion?: 'true' | 'false' | undefined;
}

function isPlanned({ price, promotion }: PlannedQuery): boolean {
  return price !== undefined || promotion !== undefined;
}

/**
 * The offers of a pair's days, and the same planned offer for every day ahead, so that the backtest, which compares weeks,
 * knows whole weeks of offers too. Without a planned offer the last known one stays, as in a forecast. Undefined if the data
 * set has no prices.
 */
function planOf(query: PlannedQuery, { offers }: Pick<Pair, 'offers'>): OfferPlan | undefined {
  const past = dailyOffers(offers);
  if (past === null) return undefined;
  if (!isPlanned(query)) return { past, ahead: [] };
  const { price, discount = 0, promotion } = query;
  const lastPrice = Math.exp(Number(past.logPrices.at(-1)));
  const offer: Offer = {
    netPrice: price === undefined ? lastPrice : price * (1 - discount / 100),
    isPromoted: promotion === undefined ? past.promotions.at(-1) === 1 : promotion === 'true',
  };
  return { past, ahead: new Array<Offer>(MAX_HORIZON).fill(offer) };
}

function warningsOf(plan: OfferPlan | undefined, model: ModelName): string[] {
  return plan ? planWarnings(plan, model) : ['The plan changes nothing: the data set has no prices.'];
}

interface PolicyQuery {
  readonly lead_time_days: number;
  readonly review_days: number;
  readonly service_level?: number | undefined;
  readonly underage_cost?: number | undefined;
  readonly overage_cost?: number | undefined;
}

function policyOf(query: PolicyQuery): ReplenishmentPolicy {
  const { lead_time_days: leadDays, review_days: reviewDays, service_level } = query;
  const costs = costsOf(query);
  const decided = costs === undefined ? DEFAULT_SERVICE_LEVEL : criticalRatio(costs);
  return {
    leadDays,
    reviewDays,
    serviceLevel: service_level === undefined ? decided : service_level / 100,
    costs,
  };
}

function costsOf({ underage_cost, overage_cost }: PolicyQuery): UnitCosts | undefined {
  if (underage_cost === undefined || overage_cost === undefined) return undefined;
  return { underage: underage_cost, overage: overage_cost };
}

function termsOf(
  { upTo }: SalesScope,
  { leadDays, reviewDays, serviceLevel }: ReplenishmentPolicy,
  { knowsOrders, planned }: { readonly knowsOrders: boolean; readonly planned: Offer | null | undefined },
) {
  return {
    analysis_up_to_day: upTo,
    lead_time_days: leadDays,
    review_days: reviewDays,
    // Not rounded to 0 or 100, which no level is.
    service_level: Number((100 * serviceLevel).toPrecision(12)),
    assumptions: [
      `An order placed after closing is on the shelf ${leadDays === 0 ? 'the next morning' : `on the morning after ${count(leadDays, 'selling day')}`}; the next order is placed ${count(reviewDays, 'day')} later.`,
      orderAssumption(leadDays, knowsOrders),
      'What an empty shelf can’t sell is lost, not sold later. On days that sold out, demand is estimated to be higher than sales.',
      planned
        ? `Until the next order’s delivery the net price is ${planned.netPrice.toFixed(2)} every day, ${planned.isPromoted ? 'with' : 'without'} a promotion; the distribution is the forecast with its past errors.`
        : 'The model regression takes the last known price and promotion for those to come, other models the usual mix; the distribution is the forecast with its past errors.',
    ],
  };
}

function orderAssumption(leadDays: number, knowsOrders: boolean): string {
  if (!knowsOrders) return NO_ORDERS;
  return leadDays === 0
    ? 'Nothing is on order; the order of the last day itself is the one recommended here.'
    : `On order are the units_ordered of the ${count(leadDays, 'day')} before the last; the order of the last day itself is the one recommended here.`;
}

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

const NO_ORDERS = 'The data set has no orders, so nothing counts as on order.';
const NO_STOCK = 'The data set has no inventory levels, so no order can be recommended.';

/** @throws HttpProblem `not_found` if the stock is unknown. */
function itemOf(
  { store_id, product_id, sales, history }: Pair,
  { model, days, paths }: DemandPaths,
  policy: ReplenishmentPolicy,
): ReplenishmentItem {
  const { on_hand, on_order } = stockOf(sales, history.at(-1)?.date ?? '', policy.leadDays);
  const order = replenishment(paths, on_hand + on_order, policy);
  return {
    store_id,
    product_id,
    order_quantity: order.orderQuantity,
    order_up_to: order.orderUpTo,
    safety_stock: roundDecimal(order.safetyStock, 2),
    expected_demand: roundDecimal(order.expectedDemand, 2),
    expected_shortage: roundDecimal(order.expectedShortage, 2),
    fill_rate: roundDecimal(order.fillRate, 4),
    inventory_position: on_hand + on_order,
    on_hand,
    on_order,
    expected_cost: order.expectedCost === null ? null : roundDecimal(order.expectedCost, 2),
    model,
    history_days_used: days,
  };
}

/**
 * The stock on the evening of a day, and what is still to be delivered. Without a row on that day, the stock is that of the last row
 * and what was delivered since: nothing was sold. An order arrives on the morning after the lead time; that of the day itself is the
 * one to be recommended.
 *
 * @throws HttpProblem `not_found` if the stock is unknown.
 */
function stockOf(sales: readonly ProductSale[], today: string, leadDays: number) {
  const last = sales.at(-1);
  if (last === undefined || last.inventory === null) throw new HttpProblem('not_found', NO_STOCK);
  const orderedBetween = (from: string, to: string): number =>
    sales
      .filter(({ date }) => date >= from && date <= to)
      .reduce((sum, { ordered }) => sum + (ordered ?? 0), 0);
  const firstDue = dateAfter(today, -leadDays);
  const delivered = orderedBetween(dateAfter(last.date, -leadDays), dateAfter(firstDue, -1));
  return {
    on_hand: Math.max(last.inventory - last.units, 0) + delivered,
    on_order: orderedBetween(firstDue, dateAfter(today, -1)),
  };
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

const PRODUCTS = 'SELECT product_id FROM products ORDER BY product_id';
/** One entry of the index `by_product` for each product. */
const PRODUCTS_OF_STORE = `
  SELECT p.product_id
    FROM products p
   WHERE EXISTS (SELECT 1 FROM sales_facts f WHERE f.product_id = p.product_id AND f.store_id = ?)
   ORDER BY p.product_id`;

/** Reads the products of the newest data set. @param storeId Only those sold in this store. */
export async function readProducts(pool: Pool, storeId?: string): Promise<string[]> {
  const rows = await (storeId === undefined
    ? select<{ product_id: string }>(pool, PRODUCTS)
    : select<{ product_id: string }>(pool, PRODUCTS_OF_STORE, [storeId]));
  return rows.map(({ product_id }) => product_id);
}
