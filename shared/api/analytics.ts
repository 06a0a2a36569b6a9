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
  runDayParameter,
  storeId,
} from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';
import { MAX_CALENDAR_DAYS } from './simulation.ts';

const count = z.int().min(0);
const units = z.number().describe('Average units per store and day.');

const interval = z.object({ low: z.number(), high: z.number() });

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
  last_5_actuals: lastActuals,
});

const regression = z
  .object({
    elasticity: z.number().describe('Percent change of units per percent change of price.'),
    standard_error: z.number().min(0),
    interval_95: interval.nullable(),
    p_value: z.number().min(0).max(1).nullable().describe('Two-sided, for an elasticity of 0.'),
    r_squared: z.number().nullable(),
    records: count,
    excluded_records: count.describe('Sales of 0 units, which have no logarithm.'),
    intercept: z.number().describe('a, with natural logarithms.'),
  })
  .describe(
    'ln(units) = a + elasticity × ln(price) by ordinary least squares, with Student’s t for n − 2 degrees of freedom (Wooldridge, Introductory Econometrics, 2.4, 2.5, 4.2). An association: prices were not set by chance.',
  );

const demandRegression = z
  .object({
    elasticity: z
      .number()
      .nullable()
      .describe(
        'Per cent that units change by when the net price rises by one per cent; null if the data can’t tell.',
      ),
    standard_error: z.number().min(0).nullable(),
    interval_95: interval.nullable(),
    p_value: z.number().min(0).max(1).nullable().describe('Two-sided, of the elasticity being 0.'),
    records: count.describe('Sales with units and a net price above 0.'),
    effects: z.array(z.string()).describe('What is held equal.'),
    errors: z.string().describe('How the standard error is made.'),
    verdict: z
      .string()
      .meta({ examples: ['Demand falls by about 1.3 % for each per cent of price; a cut pays in revenue.'] }),
  })
  .describe(
    'The elasticity of the net price, other things equal: ln(units) on ln(net price), promotion, weekday, weather and the months of each store, with cluster-robust errors (MacKinnon, Nielsen & Webb, Journal of Econometrics 232, 2023).',
  );

const competitorPriceGap = z.object({
  mean_gap: z.number().describe('Our price minus the competitor’s.'),
  mean_gap_pct: z.number().describe('Relative to the competitor’s price.'),
  cheaper_share: z.number().min(0).max(1).describe('Share of the records in which we were cheaper.'),
  records: count,
});

/** How demand responds to price. */
const priceSensitivityAnswer = z.object({
  product_id: productId,
  analysis_up_to_day: analysisUpToDay,
  total_records: count,
  price_range: z.object({ min: z.number(), max: z.number(), mean: z.number() }),
  avg_units_sold: units,
  elasticity: z
    .number()
    .nullable()
    .describe(
      'Mean over adjacent price buckets of relative change of units ÷ relative change of price; null if a bucket sold nothing.',
    ),
  correlation: z.number().min(-1).max(1).nullable().describe('Pearson correlation of price and units.'),
  interpretation: z.string(),
  price_brackets: z
    .array(z.object({ price_point: z.number(), avg_units_sold: z.number() }))
    .max(10)
    .describe('The lowest ten prices, rounded to whole units of currency.'),
  elasticity_warning: z
    .string()
    .nullable()
    .describe('Why `elasticity` is dominated by noise; null if there is no reason for doubt.'),
  log_log_regression: regression.nullable().describe('Null with fewer than 3 sales or a constant price.'),
  competitor_price_gap: competitorPriceGap.nullable(),
  price_buckets: z
    .array(z.object({ price_point: z.number(), avg_units_sold: z.number(), records: count }))
    .describe('All prices, rounded to whole units of currency, ascending.'),
  regression: demandRegression,
});

const upliftTest = z
  .object({
    difference_units: z.number().describe('Mean with promotion minus mean without.'),
    difference_interval_95: interval,
    uplift_pct_interval_95: interval
      .nullable()
      .describe('The same in percent of the mean without promotion, which is assumed to be exact.'),
    t_statistic: z.number(),
    degrees_of_freedom: z.number(),
    p_value: z.number().min(0).max(1),
    differs_from_zero: z.boolean().describe('Whether the 95 % interval excludes 0.'),
  })
  .describe(
    'Welch’s t test (Biometrika 34, 1947) with Satterthwaite’s degrees of freedom (Biometrics 2, 1946). Assumes independent records.',
  );

const upliftFigures = {
  baseline_avg_units: units.describe('On dates without promotion; 0 if there were none.'),
  promo_avg_units: units.describe('On dates with promotion; 0 if there were none.'),
  historical_uplift_pct: z.number(),
};

/** The expected effect of a discount. */
const promotionAnswer = z.object({
  product_id: productId,
  analysis_up_to_day: analysisUpToDay,
  simulated_discount_pct: z.number(),
  ...upliftFigures,
  projected_units: units.describe('Average units at the past discount nearest to the requested one.'),
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
  promotion_effect: z
    .object({ uplift_pct: z.number(), interval_95: interval })
    .nullable()
    .describe(
      'The effect of the rows’ own promotions on units, other things equal: from the regression of /price/sensitivity. Null if the data can’t tell.',
    ),
  uplift_vs_no_discount_pct: z
    .number()
    .nullable()
    .describe(
      'Mean units at the nearest discount against those without discount; null if either is missing.',
    ),
  projected_net_revenue: z
    .number()
    .describe('Of a store and day: projected units × mean list price × (1 − discount).'),
  baseline_net_revenue: z
    .number()
    .nullable()
    .describe('The same without discount; null if every sale had one.'),
  warning: z.string().nullable().describe('What to know before trusting the figures.'),
});

const discountParameter = queryDecimal(z.number().min(0).max(100)).describe('Percent.');

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

export const readPriceSensitivity = route({
  ...operations.readPriceSensitivity,
  summary: 'How a product’s demand responds to its price',
  access: 'public',
  query: z.object({ product_id: productId, day: dayParameter }),
  response: priceSensitivityAnswer,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

export const simulatePromotions = route({
  ...operations.simulatePromotions,
  summary: 'Expected effect of a discount on a product',
  access: 'public',
  query: z.object({ product_id: productId, discount_pct: discountParameter, day: dayParameter }),
  response: promotionAnswer,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});

/** What sales can be grouped by. */
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
  by: z.enum(SUMMARY_GROUPS).default('day').describe('What to group by.'),
  then_by: z
    .enum(SUMMARY_GROUPS)
    .optional()
    .describe('What to group by within each group: `by=category&then_by=region`.'),
  product_id: productId.optional().describe('Only sales of this product.'),
  day: runDayParameter,
  before_id: queryInteger(z.int().min(1))
    .optional()
    .describe(
      'Only sales with a smaller id. A client of the stream passes the id of the first sale it received, and so gets every ' +
        'sale of the run exactly once.',
    ),
});
/** Which sales to summarize, and how. */
export type SummaryQuestion = z.output<typeof summaryQuery>;

export const summarizeSales = route({
  ...operations.summarizeSales,
  summary: 'Summary of the current run’s stored sales',
  access: 'public',
  query: summaryQuery,
  response: z.object({
    run_id: z.uuid().nullable().describe('Null before the first init.'),
    by: z.enum(SUMMARY_GROUPS),
    groups: z
      .array(
        z.object({
          group: z.string().meta({ examples: ['2022-01-01'] }),
          revenue: z.number().describe('Units × list price; discounts are not deducted.'),
          net_revenue: z
            .number()
            .describe(
              'What customers paid: units × list price less the discount, rounded to cents for each sale.',
            ),
          discount_given: z.number().describe('`revenue` minus `net_revenue`.'),
          units: z.int(),
          events: z.int().min(1),
          promo_share: z.number().min(0).max(1).describe('Share of the events on dates with promotion.'),
          row_promo_share: z
            .number()
            .min(0)
            .max(1)
            .nullable()
            .describe('Share of the events whose own row was promoted; null where the data set can’t say.'),
          stock_outs: z
            .int()
            .min(0)
            .nullable()
            .describe('Events that sold all of the stock; null where the data set can’t say.'),
          lost_units: z
            .number()
            .min(0)
            .nullable()
            .describe(
              'Estimate of what the sold-out events could have sold beyond their stock: the mean of the same weekday in the four weeks before, without sold-out days, minus what was sold.',
            ),
          subgroup: z.string().nullable().describe('Value of `then_by`; null without it.'),
        }),
      )
      .describe('Ascending by group and subgroup.'),
  }),
  errors: ['invalid_day'],
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
