import * as z from 'zod';
import { operations } from './operations.ts';
import { anyInteger, queryInteger } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';

/** What can need attention, in the order in which it is listed within a severity. */
export const INSIGHT_KINDS = ['stock_out', 'low_cover', 'anomaly', 'undercut'] as const;

/** The columns that a data set may lack. */
export const OPTIONAL_COLUMNS = [
  'category',
  'region',
  'inventory_level',
  'units_ordered',
  'demand_forecast',
  'discount',
  'weather_condition',
  'is_holiday_promo',
  'competitor_pricing',
  'seasonality',
] as const;
export type OptionalColumn = (typeof OPTIONAL_COLUMNS)[number];

const insight = z.object({
  kind: z
    .enum(INSIGHT_KINDS)
    .describe(
      '`stock_out`: all of the stock was sold. `low_cover`: what is left won’t last the days ahead. `anomaly`: the day’s net ' +
        'revenue is more than 25 % off the mean of the same weekday in the four weeks before. `undercut`: a competitor’s ' +
        'price is below the net price.',
    ),
  severity: z.enum(['high', 'medium', 'low']),
  store_id: z.string().nullable().describe('Null if it concerns all stores.'),
  product_id: z.string().nullable().describe('Null if it concerns all products.'),
  value: z.number().describe('Its size, in `unit`.'),
  unit: z
    .enum(['units', 'days', 'percent'])
    .describe('Units lost (estimated), days of cover, or percent off the usual or the competitor’s price.'),
  reason: z.string().describe('One sentence for people.'),
  link: z.string().describe('Path and query of the page that shows the data behind it.'),
});
export type Insight = Readonly<z.infer<typeof insight>>;

const datedInsight = z.object({
  ...insight.shape,
  day: z.int().min(1).describe('Number of the day that it is about.'),
  date: z.iso.date(),
});
export type DatedInsight = Readonly<z.infer<typeof datedInsight>>;

/** The most days that one request looks back over, and ahead. */
const MOST_DAYS_BACK = 28;
const MOST_DAYS_AHEAD = 7;

export const readInsights = route({
  ...operations.readInsights,
  summary: 'What needs attention on a day',
  access: 'public',
  query: z.object({
    day: anyInteger(z.int())
      .optional()
      .describe('Day of the data set; 1 is the first. Defaults to the simulation’s current day.'),
    limit: queryInteger(z.int().min(1).max(100).describe('Maximum number of insights.')).default(8),
    days: queryInteger(
      z
        .int()
        .min(1)
        .max(MOST_DAYS_BACK)
        .describe(
          'Days to look back over, the day included. Of the earlier ones only `stock_out` and `anomaly` are listed: cover and prices have changed since.',
        ),
    ).default(1),
    ahead: queryInteger(
      z.int().min(1).max(MOST_DAYS_AHEAD).describe('Days that the stock should last, for `low_cover`.'),
    ).default(1),
  }),
  response: z.object({
    day: z.int().min(1).nullable().describe('Null before the first day.'),
    date: z.iso.date().nullable(),
    insights: z
      .array(datedInsight)
      .describe(
        'The most severe first, and of those the newest. Kinds that the data set has no columns for are missing.',
      ),
    missing_columns: z
      .array(z.enum(OPTIONAL_COLUMNS))
      .min(1)
      .optional()
      .describe(
        'Columns that the data set lacks, so that what depends on them is unknown; absent if it lacks none.',
      ),
  }),
  versioned: true,
  errors: ['invalid_day'],
});

export const insightRoutes: readonly RouteDeclaration[] = [readInsights];
