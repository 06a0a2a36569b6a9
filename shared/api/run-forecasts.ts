import * as z from 'zod';
import { operations } from './operations.ts';
import { anyInteger, productId, queryInteger, storeId } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';

const units = z.number().min(0);
const percent = z.number().min(0).nullable();
const level = z.number().gt(0).lt(100).describe('Percent.');

const seriesSchema = z.object({
  level: z.enum(['item', 'store', 'product', 'all']).describe('A store and product, or a sum of such pairs.'),
  store_id: storeId.nullable(),
  product_id: productId.nullable(),
  forecast_units: units,
  intervals: z.array(z.object({ level, lower: units, upper: units })),
  actual: z.int().min(0).nullable().describe('Units sold; null before the day is played.'),
  sold_out: z
    .boolean()
    .nullable()
    .describe('Whether demand may have been higher, because all stock was sold. Null before, and for sums.'),
});

const accuracySchema = z
  .object({
    wape: percent.describe('Sum of absolute errors as a percentage of the units sold.'),
    bias_pct: z
      .number()
      .nullable()
      .describe('Sum of forecast minus actual as a percentage of the units sold.'),
    coverage: z.array(
      z.object({
        level,
        covered_pct: percent.describe('Share of intervals that contained the actual value.'),
      }),
    ),
    tracking_signal: z
      .number()
      .min(-1)
      .max(1)
      .nullable()
      .describe(
        'Trigg’s: smoothed error of the total over its smoothed size. Near 1 the last weeks’ forecasts were too low day after day, near −1 too high.',
      ),
    seasonal_naive_wape: percent.describe('The same of the units a week before.'),
    plan_wape: percent.describe(
      'The same of the data set’s own forecast. In the generated data set that is made from the day’s sales, so no forecast can match it.',
    ),
    forecasts: z.int().min(0).describe('Forecasts of pairs that were judged.'),
    sold_out: z
      .int()
      .min(0)
      .describe('Forecasts left out, because demand is unknown where all stock was sold.'),
  })
  .describe(
    'Of the forecasts of pairs for the days of the run up to this one. Null before the first was judged.',
  );

/** As many days as a run can have. */
const MAX_DAYS = 10_000;

const historySchema = z
  .array(
    z.object({
      day: z.int().min(1),
      date: z.iso.date(),
      forecast_units: units.nullable().describe('Null for days without a kept forecast.'),
      intervals: z.array(z.object({ level, lower: units, upper: units })),
      actual: z
        .int()
        .min(0)
        .nullable()
        .describe('Units sold; null before the day is played, and where the data set has no row of it.'),
    }),
  )
  .describe('Only if `days` was asked for: the one series on those days, ascending.');

/** What was forecast for a day of the run on the evening before. */
export const readRunForecasts = route({
  ...operations.readRunForecasts,
  summary: 'What was forecast for a day of the run on the evening before, and what was sold',
  description:
    'Of every pair, store, product and the total; forecasts of sums are the sums of those of their pairs. Kept with the run: a day that was forecast is never forecast again. The first two weeks have no forecasts. Above 100 KB a day, about 1,000 series, pairs are left out, then products, then stores. Above 5,000 pairs nothing is kept, and the answer has no series.',
  access: 'public',
  query: z.object({
    day: anyInteger(z.int())
      .optional()
      .describe(
        'Day of the run, 1 for the first, up to the one after the current. Defaults to the current day, or to the first before it.',
      ),
    days: queryInteger(z.int().min(1).max(MAX_DAYS))
      .optional()
      .describe('Also the history of one series: this many days, up to `day`.'),
    store_id: storeId.optional().describe('Only this series: of a store, or with `product_id` of a pair.'),
    product_id: productId
      .optional()
      .describe('Only this series: of a product, or with `store_id` of a pair.'),
  }),
  response: z.object({
    run_id: z.uuid(),
    day: z.int().min(1),
    date: z.iso.date(),
    series: z
      .array(seriesSchema)
      .describe('Ascending by level and ids. With `days` or an id only one: without an id the total.'),
    history: historySchema.optional(),
    accuracy: accuracySchema,
  }),
  errors: ['not_initialized', 'invalid_day'],
});

export const runForecastRoutes: readonly RouteDeclaration[] = [readRunForecasts];
