import { z } from 'zod';
import { productId, storeId } from '../../shared/history/answer-fields.ts';
import { anyInteger, dayParameter } from '../../shared/history/day-scope.ts';
import { queryInteger } from '../../shared/http/query.ts';
import { type RouteDeclaration, route } from '../../shared/http/route.ts';
import { MAX_CALENDAR_DAYS } from '../../shared/simulation/state.ts';
import { demandForecast, priceSensitivityAnswer, promotionAnswer } from './answer-schemas.ts';
import { discountParameter } from './discount-parameter.ts';

export const predictDemand = route({
  method: 'GET',
  path: '/demand/predict',
  operationId: 'predictDemand',
  summary: 'Forecast what a store will sell of a product, by moving average',
  access: 'public',
  query: z.object({
    store_id: storeId,
    product_id: productId,
    days: anyInteger(z.int().min(1).describe('How many days to average.')).default(7),
    day: dayParameter,
  }),
  response: demandForecast,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

export const readPriceSensitivity = route({
  method: 'GET',
  path: '/price/sensitivity',
  operationId: 'readPriceSensitivity',
  summary: 'How the units sold of a product go with its price',
  access: 'public',
  query: z.object({ product_id: productId, day: dayParameter }),
  response: priceSensitivityAnswer,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

export const simulatePromotions = route({
  method: 'GET',
  path: '/promotions/simulate',
  operationId: 'simulatePromotions',
  summary: 'What a discount on a product may be expected to do',
  access: 'public',
  query: z.object({ product_id: productId, discount_pct: discountParameter, day: dayParameter }),
  response: promotionAnswer,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

/** What sales can be summed up by. */
export const SUMMARY_GROUPS = [
  'day',
  'day_index',
  'store',
  'product',
  'category',
  'region',
  'weather',
  'season',
] as const;
export type SummaryGroup = (typeof SUMMARY_GROUPS)[number];

const summaryQuery = z.object({
  by: z.enum(SUMMARY_GROUPS).default('day').describe('What a group has in common.'),
  then_by: z
    .enum(SUMMARY_GROUPS)
    .optional()
    .describe('What a part of a group has in common besides: `by=category&then_by=region`.'),
  product_id: productId.optional().describe('Only sales of this product.'),
  before_id: queryInteger(z.int().min(1))
    .optional()
    .describe(
      'Only sales with a smaller id. Who follows the stream asks with the id of the first sale that came, and has a run ' +
        'without a gap and without a sale twice.',
    ),
});
/** Which sales are to be summed up, and how. */
export type SummaryQuestion = z.output<typeof summaryQuery>;

export const summarizeSales = route({
  method: 'GET',
  path: '/sales/summary',
  operationId: 'summarizeSales',
  summary: 'Stored sales of the current run, summed up',
  access: 'public',
  query: summaryQuery,
  response: z.object({
    run_id: z.uuid().nullable().describe('Null before the first init.'),
    by: z.enum(SUMMARY_GROUPS),
    groups: z
      .array(
        z.object({
          group: z.string().meta({ examples: ['2022-01-01'] }),
          revenue: z.number().describe('Units × price; discounts are not taken off.'),
          units: z.int(),
          events: z.int().min(1),
          promo_share: z.number().min(0).max(1).describe('Share of the events on dates with promotion.'),
          subgroup: z.string().nullable().describe('What `then_by` asked for; null if it did not.'),
        }),
      )
      .describe('Ascending by group and subgroup.'),
  }),
  errors: [],
});

const time = z.iso.datetime().nullable();

export const readRunDays = route({
  method: 'GET',
  path: '/simulation/runs/{run_id}/days',
  operationId: 'readRunDays',
  summary: 'How the pipeline got on with each day of a run',
  description:
    'Ascending. Days that the pipeline has not seen yet are missing, and runs that were replaced expire.',
  access: 'public',
  // RFC 9562, section 4: read in either case, written in lower case.
  params: z.object({ run_id: z.uuid().toLowerCase() }),
  query: z.object({
    from: queryInteger(
      z
        .int()
        .min(0)
        .max(MAX_CALENDAR_DAYS - 1)
        .describe('Only days from this index on.'),
    ).default(0),
  }),
  response: z.object({
    run_id: z.uuid(),
    days: z.array(
      z.object({
        day_index: z.int().min(0),
        date: z.iso.date(),
        day_total: z.int().min(0).describe('Sales of the day.'),
        day_received: z.int().min(0).describe('Sales of the day that are stored.'),
        requested_at: time.describe('When the click was accepted; null if that was lost.'),
        picked_up_at: time.describe('When the producer had learnt of it.'),
        published_at: time.describe('When Kafka had acknowledged the day’s sales.'),
        published_again_at: time.describe('When the reconciliation published the day again.'),
        completed_at: time.describe('When the day’s last sale was stored.'),
      }),
    ),
  }),
  errors: ['not_found'],
});

export const analyticsRoutes: readonly RouteDeclaration[] = [
  predictDemand,
  readPriceSensitivity,
  simulatePromotions,
  summarizeSales,
  readRunDays,
];
