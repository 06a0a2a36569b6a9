import * as z from 'zod';
import { MAX_HORIZON, MAX_PAIRS, MAX_PRICE, MODEL_NAMES } from './forecast-models.ts';
import { operations } from './operations.ts';
import {
  analysisUpToDay,
  dayParameter,
  productId,
  queryDecimal,
  queryInteger,
  storeId,
} from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';

const units = z.number().min(0);
const wholeUnits = z.int().min(0);

const itemSchema = z.object({
  store_id: storeId,
  product_id: productId,
  order_quantity: wholeUnits.describe(
    'What to order now: `order_up_to` less `inventory_position`, at least 0.',
  ),
  order_up_to: wholeUnits.describe('Units on hand and on order after the order.'),
  safety_stock: z
    .number()
    .describe('`order_up_to` less `expected_demand`; below 0 where running out is cheap.'),
  expected_demand: units.describe('Mean demand over lead time and review period.'),
  expected_shortage: units.describe(
    'Units expected to be lost between the delivery of this order and of the next.',
  ),
  fill_rate: z
    .number()
    .min(0)
    .max(1)
    .describe('Share of the demand between these deliveries that is expected to be met.'),
  inventory_position: units.describe('`on_hand` plus `on_order`.'),
  on_hand: units.describe('Left after the last day.'),
  on_order: units.describe('Ordered and not delivered yet.'),
  expected_cost: z
    .number()
    .min(0)
    .nullable()
    .describe('Of units too few and too many until the next delivery; null unless both costs are given.'),
  model: z.enum(MODEL_NAMES).describe('Model of the forecast.'),
  history_days_used: z.int().min(1),
  warnings: z
    .array(z.string())
    .optional()
    .describe('Only with a plan: what it asks that the history can’t answer, in sentences.'),
});
export type ReplenishmentItem = z.infer<typeof itemSchema>;

const termsSchema = z.object({
  analysis_up_to_day: analysisUpToDay,
  lead_time_days: z.int().min(0),
  review_days: z.int().min(1),
  service_level: z
    .number()
    .gt(0)
    .lt(100)
    .describe(
      'Percent: probability that the stock lasts until the next delivery. The critical ratio if costs decide.',
    ),
  assumptions: z.array(z.string()).describe('What the figures take for granted, in sentences.'),
});

const cost = (description: string) =>
  queryDecimal(z.number().gt(0).max(1e9).describe(description)).optional();

const queryFields = z.object({
  store_id: storeId.optional().describe('Only this store.'),
  product_id: productId.optional().describe('Only this product.'),
  lead_time_days: queryInteger(
    z
      .int()
      .min(0)
      .max(MAX_HORIZON - 1)
      .describe('Selling days between an order, made after closing, and its delivery.'),
  ).default(2),
  review_days: queryInteger(
    z
      .int()
      .min(1)
      .max(MAX_HORIZON)
      .describe(`Days between orders. At most ${MAX_HORIZON} together with the lead time.`),
  ).default(1),
  service_level: queryDecimal(
    z
      .number()
      .gt(0)
      .lt(100)
      .describe(
        'Probability, in percent, that the stock lasts until the next delivery. Default: the critical ratio of the costs, or 95 without costs.',
      ),
  ).optional(),
  underage_cost: cost('Cost of one unit too few: its margin, and goodwill. Needs `overage_cost`.'),
  overage_cost: cost('Cost of one unit left over at the next delivery. Needs `underage_cost`.'),
  price: queryDecimal(
    z
      .number()
      .min(0.01)
      .max(MAX_PRICE)
      .describe('List price planned until the next order’s delivery. A plan needs both ids.'),
  ).optional(),
  discount: queryDecimal(
    z.number().min(0).max(99).describe('Planned discount, in percent. Needs `price`.'),
  ).optional(),
  promotion: z
    .enum(['true', 'false'])
    .optional()
    .describe('Whether a promotion is planned. What isn’t planned stays as on the last known day.'),
  day: dayParameter,
});

/** Order quantities, from the forecast's distribution. */
export const readReplenishment = route({
  ...operations.readReplenishment,
  summary: 'What to order: order quantity, order-up-to level, safety stock, expected shortage',
  description: `For one store and product; without one of the ids for all its pairs, without both for all, as \`items\`; at most ${MAX_PAIRS} pairs. For a service level, or for given costs (newsvendor). A price and a promotion planned for one store and product change the order where they clearly moved demand before.`,
  access: 'public',
  query: queryFields
    .refine(
      ({ underage_cost, overage_cost }) => (underage_cost === undefined) === (overage_cost === undefined),
      { path: ['overage_cost'], message: 'underage_cost and overage_cost must be given together' },
    )
    .refine(({ price, discount }) => discount === undefined || price !== undefined, {
      path: ['discount'],
      message: 'discount needs price',
    })
    .refine(
      ({ price, promotion, store_id, product_id }) =>
        (price === undefined && promotion === undefined) ||
        (store_id !== undefined && product_id !== undefined),
      { path: ['price'], message: 'a planned price or promotion needs store_id and product_id' },
    )
    .refine(({ lead_time_days, review_days }) => lead_time_days + review_days <= MAX_HORIZON, {
      path: ['review_days'],
      message: `lead_time_days and review_days must be at most ${MAX_HORIZON} together`,
    }),
  response: z.union([
    z.object({ ...termsSchema.shape, ...itemSchema.shape }).describe('With both ids.'),
    z
      .object({
        ...termsSchema.shape,
        items: z.array(itemSchema).describe('Ascending by store and product.'),
        skipped_pairs: z.int().min(0).describe('Pairs whose history is too short.'),
      })
      .describe('Otherwise.'),
  ]),
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

export const replenishmentRoutes: readonly RouteDeclaration[] = [readReplenishment];
