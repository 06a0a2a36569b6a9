import * as z from 'zod';
import { operations } from './operations.ts';
import {
  analysisUpToDay,
  averageUnits,
  count,
  dayParameter,
  interval,
  productId,
  queryDecimal,
  storeId,
} from './parameters.ts';
import { route } from './route.ts';

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
  baseline_avg_units: averageUnits.describe('On dates without promotion; 0 if there were none.'),
  promo_avg_units: averageUnits.describe('On dates with promotion; 0 if there were none.'),
  historical_uplift_pct: z.number(),
};

/** The expected effect of a discount. */
const promotionAnswer = z.object({
  product_id: productId,
  analysis_up_to_day: analysisUpToDay,
  simulated_discount_pct: z.number(),
  ...upliftFigures,
  projected_units: averageUnits.describe('Average units at the past discount nearest to the requested one.'),
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
  promotion_verdict: z
    .string()
    .describe('What the interval of `promotion_effect` says, in one sentence.')
    .meta({ examples: ['A promotion raises demand by about 27 % at the same price.'] }),
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

export const simulatePromotions = route({
  ...operations.simulatePromotions,
  summary: 'Expected effect of a discount on a product',
  access: 'public',
  query: z.object({ product_id: productId, discount_pct: discountParameter, day: dayParameter }),
  response: promotionAnswer,
  versioned: true,
  errors: ['invalid_day', 'not_found'],
});
