import * as z from 'zod';
import { operations } from './operations.ts';
import { analysisUpToDay, averageUnits, count, dayParameter, interval, productId } from './parameters.ts';
import { route } from './route.ts';

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
  avg_units_sold: averageUnits,
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

export const readPriceSensitivity = route({
  ...operations.readPriceSensitivity,
  summary: 'How a product’s demand responds to its price',
  access: 'public',
  query: z.object({ product_id: productId, day: dayParameter }),
  response: priceSensitivityAnswer,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});
