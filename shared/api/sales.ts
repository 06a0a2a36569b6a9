import * as z from 'zod';
import { queryInteger } from '../http/query.ts';
import { type RouteDeclaration, route } from './route.ts';

/** Fewer days say too little about a product for a forecast. */
export const MIN_HISTORY_DAYS = 20;

const storeId = z.string().meta({ examples: ['S001'] });
const productId = z.string().meta({ examples: ['P0001'] });

const sale = z.object({
  store_id: storeId,
  product_id: productId,
  date: z.iso.date(),
  units_sold: z.int().min(0),
  price: z.number().min(0),
  discount: z.number().min(0).describe('Percent.'),
  is_holiday_promo: z.union([z.literal(0), z.literal(1)]),
  weather: z.string(),
  received_at: z.iso.datetime().describe('When it was stored.'),
});

export const recentSales = route({
  method: 'GET',
  path: '/sales/recent',
  operationId: 'recentSales',
  summary: 'Stored sales of the current run, newest first',
  access: 'public',
  query: z.object({
    limit: queryInteger(z.int().min(0).max(10_000).describe('At most so many sales.')).default(20),
  }),
  response: z.object({ events: z.array(sale) }),
  errors: [],
});

export const validCombo = route({
  method: 'GET',
  path: '/sales/valid-combo',
  operationId: 'validCombo',
  summary: 'A store and a product with enough history for every analysis',
  description: `The first product, in its first store, that the data set knows on ${MIN_HISTORY_DAYS} days or more.`,
  access: 'public',
  response: z.object({
    store_id: storeId,
    product_id: productId,
    days: z.int().min(MIN_HISTORY_DAYS).describe('Days of history.'),
  }),
  errors: ['not_found'],
});

export const salesRoutes: readonly RouteDeclaration[] = [recentSales, validCombo];
