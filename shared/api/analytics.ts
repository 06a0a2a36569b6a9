import * as z from 'zod';
import { operations } from './operations.ts';
import {
  analysisUpToDay,
  anyInteger,
  count,
  dayParameter,
  forwardWeek,
  lastActualsSchema,
  productId,
  queryInteger,
  storeId,
} from './parameters.ts';
import { readPriceSensitivity } from './prices.ts';
import { simulatePromotions } from './promotions.ts';
import { type RouteDeclaration, route } from './route.ts';
import { summarizeSales } from './sales-summary.ts';
import { MAX_CALENDAR_DAYS } from './simulation.ts';

/** A moving-average forecast. */
export const demandForecast = z.object({
  store_id: storeId,
  product_id: productId,
  analysis_up_to_day: analysisUpToDay,
  total_history_days: count,
  moving_avg_window: z.int().min(1).describe('Days averaged: as many as requested, or all available.'),
  forecast_next_day: z.number(),
  trend: z.enum(['up', 'down', 'stable', 'insufficient data']),
  trend_pct: z.number().describe('Last 7 days against the 7 before, in percent; 0 with fewer than 14 days.'),
  '7_day_forward': forwardWeek,
  last_5_actuals: lastActualsSchema,
});

export const predictDemand = route({
  ...operations.predictDemand,
  summary: 'Forecast demand for a store and product by moving average',
  access: 'public',
  query: z.object({
    store_id: storeId,
    product_id: productId,
    days: anyInteger(z.int().min(1).describe('Number of days to average.')).default(7),
    day: dayParameter,
  }),
  response: demandForecast,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

const time = z.iso.datetime().nullable();

export const readRunDays = route({
  ...operations.readRunDays,
  summary: 'Pipeline progress per day of a run',
  description:
    'Ascending. Days that the pipeline has not received yet are missing, and replaced runs expire.',
  access: 'public',
  // RFC 9562, section 4: read in either case, written in lower case.
  params: z.object({ run_id: z.uuid().toLowerCase() }),
  query: z.object({
    from: queryInteger(
      z
        .int()
        .min(0)
        .max(MAX_CALENDAR_DAYS - 1)
        .describe('First day index to include.'),
    ).default(0),
  }),
  response: z.object({
    run_id: z.uuid(),
    days: z.array(
      z.object({
        day_index: z.int().min(0),
        date: z.iso.date(),
        day_total: z.int().min(0).describe('Sales of the day.'),
        day_received: z.int().min(0).describe('Stored sales of the day.'),
        requested_at: time.describe('When the request was accepted; null if that was lost.'),
        picked_up_at: time.describe('When the producer received the day.'),
        published_at: time.describe('When Kafka acknowledged the day’s sales.'),
        published_again_at: time.describe('When reconciliation re-published the day.'),
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
