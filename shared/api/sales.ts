import * as z from 'zod';
import { operations } from './operations.ts';
import { productId, queryInteger, runDayParameter, storeId } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';
import { storedSaleSchema } from './sale.ts';

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
