import { z } from 'zod';
import { parseInput } from './field-problems.ts';

/** Digits with an optional sign, as the original's clients may send them: `20`, ` 20 `, `+5`. */
const INTEGER_TEXT = /^[+-]?\d+$/;

/**
 * A query parameter that is an integer. Add bounds on the inner schema, `.default()` or `.optional()` on the outer.
 *
 * @example queryInteger(z.int().min(0).max(10_000)).default(20)
 */
export function queryInteger<Schema extends z.ZodType>(schema: Schema) {
  return z.preprocess(integerOf, schema);
}

/** The number that a text stands for; any other value stays as it is, for the schema to refuse. */
function integerOf(value: unknown): unknown {
  if (typeof value !== 'string') return value;
  const text = value.trim();
  // `|| 0`: there is no negative zero among integers.
  return INTEGER_TEXT.test(text) ? Number(text) || 0 : value;
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
