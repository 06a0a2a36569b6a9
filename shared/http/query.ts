import type { z } from 'zod';
import { parseInput } from './field-problems.ts';

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
