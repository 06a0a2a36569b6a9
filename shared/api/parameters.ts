/** Schemas of parameters and fields that several operations have in common. */
import * as z from 'zod';

export const storeId = z.string().meta({ examples: ['S001'] });
export const productId = z.string().meta({ examples: ['P0001'] });

export const count = z.int().min(0);
export const averageUnits = z.number().describe('Average units per store and day.');
export const interval = z.object({ low: z.number(), high: z.number() });

/** As clients of the original may send an integer: `20`, ` 20 `, `+5`, and `20.0` where theirs is a float. */
const INTEGER_TEXT = /^[+-]?\d+(\.0+)?$/;

/**
 * A query parameter that is an integer. Put bounds on the inner schema, `.default()` or `.optional()` on the outer.
 *
 * @example queryInteger(z.int().min(0).max(10_000)).default(20)
 */
export function queryInteger<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(integerOf, schema);
}

/** The number that a text represents; other values pass unchanged, for the schema to reject. */
function integerOf(value: unknown, context: z.core.$RefinementCtx): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  // `|| 0`: there is no negative zero among integers.
  if (INTEGER_TEXT.test(text)) return Number(text) || 0;
  context.addIssue({ code: 'invalid_type', expected: 'int', input: value });
  return z.NEVER;
}

/**
 * A query parameter that is an integer of any size. One that a double can't hold exactly becomes the nearest that it
 * can: it still violates every bound that it violated before.
 */
export function anyInteger<Schema extends z.ZodType>(schema: Schema) {
  return queryInteger(z.preprocess(saturate, schema));
}

function saturate(value: unknown): unknown {
  if (typeof value !== 'number') return value;
  return Math.max(Number.MIN_SAFE_INTEGER, Math.min(Number.MAX_SAFE_INTEGER, value));
}

/** Decimal numbers as Python reads them, without `nan` and `inf`: `20`, ` 7.25 `, `.5`, `1e1`. */
const DECIMAL_TEXT = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/** A query parameter that is a decimal number. */
export function queryDecimal<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(decimalOf, schema);
}

function decimalOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  // `|| 0`: a negative zero would be shown as "-0.0 %".
  return DECIMAL_TEXT.test(text) ? Number(text) || 0 : value;
}

/** The query parameter `day` of everything that looks at history. */
export const dayParameter = anyInteger(z.int())
  .optional()
  .describe(
    'Use history up to this day of the data set; 1 is the first. Defaults to the simulation’s current day, or to all history before the first day.',
  );

/** The date up to which an analysis looked at history. */
export const analysisUpToDay = z
  .union([z.iso.date(), z.literal('all')])
  .describe('Date up to which history was used, or `all`.')
  .meta({ examples: ['2022-01-30'] });

/** The query parameter `day` of everything that looks at the sales of a run. */
export const runDayParameter = anyInteger(z.int())
  .optional()
  .describe('Only sales of this day of the run; 1 is the first. Defaults to all days.');

/** A flat forecast of the next seven days. */
export const forwardWeek = z
  .array(z.object({ day: z.int().min(1).max(7), forecast_units: z.number() }))
  .length(7);

/** What was sold on the last days. */
export const lastActualsSchema = z.array(z.object({ date: z.iso.date(), units_sold: z.int() })).max(5);
