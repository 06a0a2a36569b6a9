import * as z from 'zod';
import { operations } from './operations.ts';
import { productId, queryInteger, runDayParameter, storeId } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';

/** Version of the message's schema, sent in the header {@link SCHEMA_VERSION_HEADER}. */
export const SCHEMA_VERSION = '1';
export const SCHEMA_VERSION_HEADER = 'schema-version';
export const TRACEPARENT_HEADER = 'traceparent';

const MAX_DECIMAL_10_2 = 99_999_999.99;
const MAX_DECIMAL_5_2 = 999.99;
const MAX_INT = 2_147_483_647;

/** Characters of an id, as MySQL counts them. */
const MAX_ID_LENGTH = 64;

/**
 * A key of the data set such as `S001`, `GROCERY II` or `店舗 1`. No control characters: they would break event ids and logs. No
 * spaces around it: SQL's comparisons ignore those at the end. No lone surrogates: UTF-8 can't encode them.
 */
export const entityId = z
  .string()
  .min(1)
  .refine(isId, `at most ${MAX_ID_LENGTH} characters, without control characters or spaces around them`);

const NOT_IN_IDS = /[\p{Cc}\p{Cs}\u2028\u2029\ufffd]/u;

function isId(text: string): boolean {
  return text.trim() === text && !NOT_IN_IDS.test(text) && [...text].length <= MAX_ID_LENGTH;
}

const label = z.string().min(1).max(50);
const twoDecimals = (value: number) => Number(value.toFixed(2)) === value;

/**
 * One sale on its way through Kafka. At least as strict as the columns of `kafka_events`, so that a message that can't be
 * stored is recognized here, one by one. Null stands for a column that the data set lacks.
 */
export const saleEventSchema = z.object({
  event_id: z.uuid().toLowerCase(),
  run_id: z.uuid().toLowerCase(),
  store_id: entityId,
  product_id: entityId,
  // The first year that MySQL supports in a DATE column.
  date: z.iso.date().refine((date) => date >= '1000-01-01', 'not before the year 1000'),
  units_sold: z.int().min(0).max(MAX_INT),
  price: z.number().min(0).max(MAX_DECIMAL_10_2).refine(twoDecimals, 'at most two decimals'),
  discount: z.number().min(0).max(MAX_DECIMAL_5_2).refine(twoDecimals, 'at most two decimals').nullable(),
  is_holiday_promo: z.union([z.literal(0), z.literal(1)]).nullable(),
  weather: label.nullable(),
  day_total: z.int().min(0).max(MAX_INT),
  day_index: z.int().min(0).max(9_999),
  category: label.nullable(),
  region: label.nullable(),
});

/** The value of a Kafka message, as JSON. */
export type SaleEvent = z.infer<typeof saleEventSchema>;

/** The key that keeps the sales of one product in one store in order: `<store_id>_<product_id>`. */
export function partitionKey(sale: Pick<SaleEvent, 'store_id' | 'product_id'>): string {
  return `${sale.store_id}_${sale.product_id}`;
}

const {
  event_id: _event,
  run_id: _run,
  day_total,
  day_index,
  category,
  region,
  ...sold
} = saleEventSchema.shape;

/** One row of `kafka_events` as clients see it: the data of an unnamed message of the stream. Each field is a column. */
export const storedSaleSchema = z.object({
  id: z
    .int()
    .min(1)
    .describe('Also the id of the message; ascends in the order in which sales become visible.'),
  ...sold,
  received_at: z.iso.datetime().describe('When it was stored.'),
  day_total,
  day_index,
  category,
  region,
});
export type StoredSale = Readonly<z.infer<typeof storedSaleSchema>>;

/** Columns to select for {@link toStoredSale}. */
export const STORED_SALE_COLUMNS = Object.keys(storedSaleSchema.shape).join(', ');

/** Converts a selected row to what clients see; only the time has another format in SQL. */
export function toStoredSale(row: StoredSale): StoredSale {
  return { ...row, received_at: isoTime(row.received_at) };
}

/** `2026-01-01 00:03:20.123` (UTC, as every session reads times) → `2026-01-01T00:03:20.123Z`. */
export function isoTime(sqlTime: string): string {
  return `${sqlTime.replace(' ', 'T')}Z`;
}

/** Fewer days of history are too few for a forecast. */
export const MIN_HISTORY_DAYS = 20;

/** The fields of a stored sale that are listed, and what follows from them and from the sale's row of the data set. */
export const recentSaleSchema = storedSaleSchema
  .pick({
    store_id: true,
    product_id: true,
    date: true,
    units_sold: true,
    price: true,
    discount: true,
    is_holiday_promo: true,
    weather: true,
    received_at: true,
  })
  .extend({
    id: storedSaleSchema.shape.id,
    category: storedSaleSchema.shape.category,
    region: storedSaleSchema.shape.region,
    net_price: z.number().describe('List price less the discount, rounded to cents.'),
    net_revenue: z
      .number()
      .describe('What the customer paid: units × list price less the discount, rounded to cents.'),
    promotion: z
      .union([z.literal(0), z.literal(1)])
      .nullable()
      .describe(
        'The row’s own promotion flag; `is_holiday_promo` is the date’s. Null if the data set no longer has the row.',
      ),
    weather_condition: z
      .string()
      .nullable()
      .describe(
        'The row’s own weather; `weather` is the date’s. Null if the data set no longer has the row.',
      ),
  });
export type RecentSale = Readonly<z.infer<typeof recentSaleSchema>>;

export const recentSales = route({
  ...operations.recentSales,
  summary: 'Stored sales of the current run, newest first',
  access: 'public',
  query: z.object({
    limit: queryInteger(z.int().min(0).max(10_000).describe('Maximum number of sales.')).default(20),
    day: runDayParameter,
  }),
  response: z.object({ events: z.array(recentSaleSchema) }),
  errors: ['invalid_day'],
});

export const validCombo = route({
  ...operations.validCombo,
  summary: 'A store and product with enough history for every analysis',
  description: `The first product, in its first store, with at least ${MIN_HISTORY_DAYS} days in the data set.`,
  access: 'public',
  response: z.object({
    store_id: storeId,
    product_id: productId,
    days: z.int().min(MIN_HISTORY_DAYS).describe('Days of history.'),
  }),
  errors: ['not_found'],
});

export const salesRoutes: readonly RouteDeclaration[] = [recentSales, validCombo];
