import * as z from 'zod';
import { operations } from './operations.ts';
import { productId, queryInteger, runDayParameter } from './parameters.ts';
import { route } from './route.ts';

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
  days: queryInteger(z.int().min(1).max(31))
    .optional()
    .describe('With `day`: the sales of this many days up to it, instead of that day alone.'),
  before_id: queryInteger(z.int().min(1))
    .optional()
    .describe(
      'Only sales with a smaller id. A client of the stream passes the `before_id` of its `opening`, or else the id of the ' +
        'first sale it received: with the sales from that id on, this is every sale of the run exactly once.',
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
          group: z
            .string()
            .nullable()
            .describe(
              'Null for sales without such a label: the data set has no such column, or no value there.',
            )
            .meta({ examples: ['2022-01-01'] }),
          revenue: z.number().describe('Units × list price; discounts are not deducted.'),
          net_revenue: z
            .number()
            .describe(
              'What customers paid: units × list price less the discount, rounded to cents for each sale.',
            ),
          discount_given: z
            .number()
            .nullable()
            .describe('`revenue` minus `net_revenue`; null where the data set has no discounts.'),
          units: z.int(),
          events: z.int().min(1),
          promo_share: z
            .number()
            .min(0)
            .max(1)
            .nullable()
            .describe('Share of the events on dates with promotion; null where the data set marks none.'),
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
