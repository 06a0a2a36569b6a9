import * as z from 'zod';
import { operations } from './operations.ts';
import { productId, queryInteger, storeId } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';
import { storedSaleSchema } from './sale.ts';

/** Fewer days of history are too few for a forecast. */
export const MIN_HISTORY_DAYS = 20;

/** The fields of a stored sale that are listed. */
export const recentSaleSchema = storedSaleSchema.pick({
  store_id: true,
  product_id: true,
  date: true,
  units_sold: true,
  price: true,
  discount: true,
  is_holiday_promo: true,
  weather: true,
  received_at: true,
});
export type RecentSale = Readonly<z.infer<typeof recentSaleSchema>>;

export const recentSales = route({
  ...operations.recentSales,
  summary: 'Stored sales of the current run, newest first',
  access: 'public',
  query: z.object({
    limit: queryInteger(z.int().min(0).max(10_000).describe('Maximum number of sales.')).default(20),
  }),
  response: z.object({ events: z.array(recentSaleSchema) }),
  errors: [],
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
