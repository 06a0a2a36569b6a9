import * as z from 'zod';
import { operations } from './operations.ts';
import { anyInteger, count, queryInteger } from './parameters.ts';
import { type RouteDeclaration, route } from './route.ts';

const ranked = z.object({
  id: z
    .string()
    .describe('The id of the store or product.')
    .meta({ examples: ['S001'] }),
  net_revenue: z.number().describe('What customers paid on the day; 0 if nothing was sold.'),
  units: z.int(),
  usual_net_revenue: z
    .number()
    .nullable()
    .describe(
      'Mean net revenue of the days of `usual_of`, rounded to cents; null if these are fewer than two.',
    ),
  change_pct: z
    .number()
    .nullable()
    .describe('The day against the usual, in percent; null if the usual is unknown or zero.'),
  stock_outs: count
    .nullable()
    .describe('Sales of the day that took all of the stock; null where the data set can’t say.'),
  trend: z.array(z.number()).describe('Net revenue on each of `trend_dates`.'),
});
/** The day of a store or product, against its usual weekday. */
export type Ranked = z.output<typeof ranked>;

export const readRanking = route({
  ...operations.readRanking,
  summary: 'Stores and products by their net revenue on a day, against the usual weekday',
  access: 'public',
  query: z.object({
    day: anyInteger(z.int())
      .optional()
      .describe('Day of the data set; 1 is the first. Defaults to the simulation’s current day.'),
    limit: queryInteger(
      z.int().min(1).max(100).describe('Maximum number of stores, and of products.'),
    ).default(16),
  }),
  response: z.object({
    day: z.int().min(1).nullable().describe('Null before the first day.'),
    date: z.iso.date().nullable(),
    usual_of: z
      .array(z.iso.date())
      .describe('The days of the data set that are the usual: the same weekday in the four weeks before.'),
    trend_dates: z
      .array(z.iso.date())
      .describe('The days of the data set in the four weeks before, and the day itself. Ascending.'),
    stores: z.array(ranked).describe('Descending by net revenue, then ascending by id.'),
    products: z.array(ranked).describe('In the same order.'),
  }),
  versioned: true,
  errors: ['invalid_day'],
});

export const rankingRoutes: readonly RouteDeclaration[] = [readRanking];
