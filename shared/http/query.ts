import * as z from 'zod';
import { parseInput } from './field-problems.ts';

/** As the original's clients may send an integer: `20`, ` 20 `, `+5`, and `20.0` where theirs is a float. */
const INTEGER_TEXT = /^[+-]?\d+(\.0+)?$/;

/**
 * A query parameter that is an integer. Add bounds on the inner schema, `.default()` or `.optional()` on the outer.
 *
 * @example queryInteger(z.int().min(0).max(10_000)).default(20)
 */
export function queryInteger<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(integerOf, schema);
}

/** The number that a text stands for; what is no text stays as it is, for the schema to judge. */
function integerOf(value: unknown, context: z.core.$RefinementCtx): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  // `|| 0`: there is no negative zero among integers.
  if (INTEGER_TEXT.test(text)) return Number(text) || 0;
  context.addIssue({ code: 'invalid_type', expected: 'int', input: value });
  return z.NEVER;
}

/**
 * Parses a query string by a route's schema. Of a parameter given more than once the last value counts.
 *
 * API Gateway's own `queryStringParameters` joins repeated values by commas, which can't be told from a comma in a value;
 * so the raw string is read.
 *
 * @throws HttpProblem `invalid_request`.
 */
export function readQuery<Schema extends z.ZodType>(
  schema: Schema,
  rawQueryString: string,
): z.output<Schema> {
  return parseInput(schema, Object.fromEntries(new URLSearchParams(rawQueryString)), 'query');
}
