import type { ProductSale } from '../analytics/product-sale.ts';
import { boundedCache } from '../bounded-cache.ts';
import { type Pool, select } from '../mysql/connection.ts';

/** The loaded data set. It never changes: another file is another data set. */
export interface DataSet {
  /** Grows with every load. */
  readonly id: number;
  readonly sha256: string;
  /** Ascending, `YYYY-MM-DD`. */
  readonly dates: readonly string[];
  /** The dates that the calendar marks as holiday or promotion. */
  readonly promotionDates: ReadonlySet<string>;
}

const NEWEST_ID = 'SELECT id FROM datasets ORDER BY id DESC LIMIT 1';

/** One statement reads a consistent snapshot, so the calendar can't belong to another data set than the hash. */
const NEWEST_WITH_CALENDAR = `
  SELECT d.id, d.sha256, c.date, c.is_holiday_promo
    FROM (SELECT id, sha256 FROM datasets ORDER BY id DESC LIMIT 1) d CROSS JOIN calendar c
   ORDER BY c.date`;

interface CalendarRow {
  readonly id: number;
  readonly sha256: string;
  readonly date: string;
  readonly is_holiday_promo: number | null;
}

/** How long the newest id stays valid; under load few requests need a query of their own. */
const RECHECK_AFTER_MS = 100;

/** Knows which data set is loaded. */
interface DataSetReader {
  /** Null before the first load. */
  current(): Promise<DataSet | null>;
  /** Makes the next call check again, regardless of when the last check was. */
  forget(): void;
}

/**
 * Reads the dates of a data set once and checks by a query of one row whether another has been loaded.
 *
 * @param now milliseconds of a monotonic clock
 */
export function dataSetReader(pool: Pool, now: () => number): DataSetReader {
  let known: DataSet | null = null;
  let checkedAt = Number.NEGATIVE_INFINITY;
  return {
    async current() {
      const startedAt = now();
      if (startedAt - checkedAt < RECHECK_AFTER_MS) return known;
      if (!known || known.id !== (await selectNewestId(pool))) known = await selectDataSet(pool);
      checkedAt = startedAt;
      return known;
    },
    forget() {
      checkedAt = Number.NEGATIVE_INFINITY;
    },
  };
}

async function selectNewestId(pool: Pool): Promise<number | undefined> {
  const [newest] = await select<{ id: number }>(pool, NEWEST_ID);
  return newest?.id;
}

async function selectDataSet(pool: Pool): Promise<DataSet | null> {
  const days = await select<CalendarRow>(pool, NEWEST_WITH_CALENDAR);
  const [first] = days;
  if (!first) return null;
  return {
    id: first.id,
    sha256: first.sha256,
    dates: days.map(({ date }) => date),
    promotionDates: new Set(days.filter((day) => day.is_holiday_promo === 1).map(({ date }) => date)),
  };
}

/** The sales of a product in the newest data set. */
export interface ProductHistory {
  /** Null if no data set has been loaded. */
  readonly dataSet: DataSet | null;
  /** Ascending by date and store; empty for an unknown product. */
  readonly sales: readonly ProductSale[];
}

/** Reads product histories, each by one query, and caches them: a data set never changes. */
export interface HistoryReader {
  /** @param storeId Reads the sales of this store alone. */
  product(productId: string, storeId?: string): Promise<ProductHistory>;
}

/**
 * Served by the index `by_product`. SQL's comparison ignores trailing spaces, but ids must match exactly. Each row names
 * its data set, because another one may have been loaded since the last check.
 */
export const PRODUCT_SALES = `
  SELECT date, store_id, units_sold, price, discount, competitor_pricing, is_holiday_promo, weather_condition, inventory_level, units_ordered,
         (SELECT MAX(id) FROM datasets) AS data_set
    FROM sales_facts
   WHERE product_id = ? AND LENGTH(product_id) = LENGTH(?)
   ORDER BY date, store_id`;

/** The same of one store, by the same index. */
const PRODUCT_SALES_OF_STORE = PRODUCT_SALES.replace(
  'ORDER BY',
  'AND store_id = ? AND LENGTH(store_id) = LENGTH(?) ORDER BY',
);

interface FactRow {
  readonly date: string;
  readonly store_id: string;
  readonly units_sold: number;
  readonly price: number;
  readonly discount: number | null;
  readonly competitor_pricing: number | null;
  readonly is_holiday_promo: number | null;
  readonly weather_condition: string | null;
  readonly inventory_level: number | null;
  readonly units_ordered: number | null;
  readonly data_set: number;
}

/** About 30 MB: twice the rows of the data set that the system is made for. */
const CACHED_ROWS = 150_000;

/** @param now milliseconds of a monotonic clock */
export function historyReader(pool: Pool, now: () => number): HistoryReader {
  const dataSets = dataSetReader(pool, now);
  const cache = boundedCache<readonly ProductSale[]>(CACHED_ROWS);

  async function product(productId: string, storeId?: string): Promise<ProductHistory> {
    const dataSet = await dataSets.current();
    if (!dataSet) return { dataSet, sales: [] };
    const key = JSON.stringify([dataSet.id, productId, storeId]);
    const known = cache.get(key);
    if (known) return { dataSet, sales: known };
    const rows = await (storeId === undefined
      ? select<FactRow>(pool, PRODUCT_SALES, [productId, productId])
      : select<FactRow>(pool, PRODUCT_SALES_OF_STORE, [productId, productId, storeId, storeId]));
    if (rows.some((row) => row.data_set !== dataSet.id)) {
      dataSets.forget();
      // Recurses again only if yet another data set is loaded meanwhile.
      return product(productId, storeId);
    }
    const sales = rows.map((row) => toSale(row, dataSet));
    // Unknown products are not cached, or requests for many of them would evict the known ones.
    if (sales.length > 0) cache.set(key, sales, sales.length);
    return { dataSet, sales };
  }
  return { product };
}

function toSale(row: FactRow, { promotionDates }: DataSet): ProductSale {
  return {
    date: row.date,
    storeId: row.store_id,
    units: row.units_sold,
    price: row.price,
    discount: row.discount,
    competitorPrice: row.competitor_pricing,
    isPromotion: promotionDates.has(row.date),
    isPromoted: row.is_holiday_promo === null ? null : row.is_holiday_promo === 1,
    weather: row.weather_condition,
    inventory: row.inventory_level,
    ordered: row.units_ordered,
  };
}
