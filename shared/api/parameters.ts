import * as z from 'zod';

/** Schemas of the fields that several analyses of history have in common. */

export const storeId = z.string().meta({ examples: ['S001'] });
export const productId = z.string().meta({ examples: ['P0001'] });

export const analysisUpToDay = z
  .union([z.iso.date(), z.literal('all')])
  .describe('The date up to which history was looked at, or `all`.')
  .meta({ examples: ['2022-01-30'] });

/** A flat forecast of the next seven days. */
export const forwardWeek = z
  .array(z.object({ day: z.int().min(1).max(7), forecast_units: z.number() }))
  .length(7);

/** The last days as they were. */
export const lastActuals = z.array(z.object({ date: z.iso.date(), units_sold: z.int() })).max(5);
