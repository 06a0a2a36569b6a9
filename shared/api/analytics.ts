import * as z from 'zod';
import { operations } from './operations.ts';
import {
  analysisUpToDay,
  anyInteger,
  dayParameter,
  forwardWeek,
  lastActuals,
  productId,
  queryDecimal,
  queryInteger,
  storeId,
} from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';
import { MAX_CALENDAR_DAYS } from './simulation.ts';

const count = z.int().min(0);
const units = z.number().describe('Units of one store on one day, on average.');

const interval = z.object({ low: z.number(), high: z.number() });

/** A moving-average forecast. */
export const demandForecast = z.object({
  store_id: storeId,
  product_id: productId,
  analysis_up_to_day: analysisUpToDay,
  total_history_days: count,
  moving_avg_window: z.int().min(1).describe('Days averaged: as many as asked for, or all there are.'),
  forecast_next_day: z.number(),
  trend: z.enum(['up', 'down', 'stable', 'insufficient data']),
  trend_pct: z
    .number()
    .describe('The last 7 days against the 7 before, in percent; 0 with fewer than 14 days.'),
  '7_day_forward': forwardWeek,
  last_5_actuals: lastActuals,
});

const regression = z
  .object({
    elasticity: z.number().describe('Percent that units change by when the price rises by one percent.'),
    standard_error: z.number().min(0),
    interval_95: interval.nullable(),
    p_value: z.number().min(0).max(1).nullable().describe('Two-sided, of the elasticity being 0.'),
    r_squared: z.number().nullable(),
    records: count,
    excluded_records: count.describe('Sales of 0 units, which have no logarithm.'),
    intercept: z.number().describe('a, with natural logarithms.'),
  })
  .describe(
    'ln(units) = a + elasticity × ln(price) by ordinary least squares, with Student’s t for n − 2 degrees of freedom (Wooldridge, Introductory Econometrics, 2.4, 2.5, 4.2). An association: prices were not set by chance.',
  );

const competitorPriceGap = z.object({
  mean_gap: z.number().describe('Our price minus the competitor’s.'),
  mean_gap_pct: z.number().describe('Relative to the competitor’s price.'),
  cheaper_share: z.number().min(0).max(1).describe('Share of the records in which we were cheaper.'),
  records: count,
});

/** How units go with the price. */
export const priceSensitivityAnswer = z.object({
  product_id: productId,
  analysis_up_to_day: analysisUpToDay,
  total_records: count,
  price_range: z.object({ min: z.number(), max: z.number(), mean: z.number() }),
  avg_units_sold: units,
  elasticity: z
    .number()
    .nullable()
    .describe(
      'Mean over neighbouring price buckets of relative change of units ÷ relative change of price; null where a bucket sold nothing.',
    ),
  correlation: z.number().min(-1).max(1).nullable().describe('Pearson’s, of price and units.'),
  interpretation: z.string(),
  price_brackets: z
    .array(z.object({ price_point: z.number(), avg_units_sold: z.number() }))
    .max(10)
    .describe('The lowest ten prices, rounded to whole units of currency.'),
  elasticity_warning: z
    .string()
    .nullable()
    .describe('Why `elasticity` is dominated by noise; null if nothing speaks against it.'),
  log_log_regression: regression
    .nullable()
    .describe('Null with fewer than 3 sales, or if the price never varied.'),
  competitor_price_gap: competitorPriceGap.nullable(),
  price_buckets: z
    .array(z.object({ price_point: z.number(), avg_units_sold: z.number(), records: count }))
    .describe('All prices, rounded to whole units of currency, ascending.'),
});

const upliftTest = z
  .object({
    difference_units: z.number().describe('Mean with promotion minus mean without.'),
    difference_interval_95: interval,
    uplift_pct_interval_95: interval
      .nullable()
      .describe('The same in percent of the mean without promotion, taken for exact.'),
    t_statistic: z.number(),
    degrees_of_freedom: z.number(),
    p_value: z.number().min(0).max(1),
    differs_from_zero: z.boolean().describe('Whether the 95 % interval leaves out 0.'),
  })
  .describe(
    'Welch’s t test (Biometrika 34, 1947) with Satterthwaite’s degrees of freedom (Biometrics 2, 1946). Takes records for independent.',
  );

const upliftFigures = {
  baseline_avg_units: units.describe('On dates without promotion; 0 if there were none.'),
  promo_avg_units: units.describe('On dates with promotion; 0 if there were none.'),
  historical_uplift_pct: z.number(),
};

/** What a discount may be expected to do. */
export const promotionAnswer = z.object({
  product_id: productId,
  analysis_up_to_day: analysisUpToDay,
  simulated_discount_pct: z.number(),
  ...upliftFigures,
  projected_units: units.describe('What the discount nearest to the asked one sold.'),
  projected_uplift_pct: z.number(),
  total_promo_days: count.describe('Records (store × date) on dates with promotion.'),
  total_non_promo_days: count,
  discount_effect_by_tier: z.array(z.object({ discount_pct: z.number(), avg_units_sold: z.number() })),
  recommendation: z.string(),
  uplift_test: upliftTest.nullable().describe('Null with fewer than two records with or without promotion.'),
  tier_sizes: z.array(z.object({ discount_pct: z.number(), records: count })),
  per_store: z.array(
    z.object({
      store_id: storeId,
      ...upliftFigures,
      promo_records: count,
      non_promo_records: count,
      uplift_test: upliftTest.nullable(),
    }),
  ),
});

const discountParameter = queryDecimal(z.number().min(0).max(100)).describe('Percent.');

export const predictDemand = route({
  ...operations.predictDemand,
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
  ...operations.readPriceSensitivity,
  summary: 'How the units sold of a product go with its price',
  access: 'public',
  query: z.object({ product_id: productId, day: dayParameter }),
  response: priceSensitivityAnswer,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

export const simulatePromotions = route({
  ...operations.simulatePromotions,
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
  ...operations.summarizeSales,
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
  ...operations.readRunDays,
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
